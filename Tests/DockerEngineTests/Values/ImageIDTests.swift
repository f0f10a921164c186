import Testing

@testable import DockerEngine

@Suite struct ImageIDTests {
    @Test("A full id is accepted with and without its prefix")
    func valid() {
        #expect(ImageID(Sample.id)?.description == "sha256:\(Sample.id)")
        #expect(ImageID("sha256:\(Sample.id)") == ImageID(Sample.id))
    }

    @Test(
        "Anything else is refused, since an engine would take it for a name or the beginning of an id",
        arguments: [
            "", "sha256:", "nginx", "nginx:1", "../containers/json", String(Sample.id.prefix(12)), Sample.id + "0",
            Sample.id.uppercased(), "sha256:sha256:\(Sample.id)", "sha512:\(Sample.id)", Sample.id + "\n",
        ]
    )
    func invalid(_ text: String) { #expect(ImageID(text) == nil) }
}

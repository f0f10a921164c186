import BerthAPI
import JSON
import Testing

@Suite struct APIAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"), ("unix:/run/berth.sock", "unix:/run/berth.sock"),
        ("unix:///run/berth.sock", "unix:/run/berth.sock"),
    ])
    func `An address is read as the server prints it`(text: String, written: String) throws {
        #expect(try APIAddress(text).description == written)
    }

    @Test(arguments: [
        "", "127.0.0.1:8080", "https://127.0.0.1", "http://", "http:///", "http://a/b", "http://a b", "http://u@h",
        "unix:", "unix:relative", "unix:/" + String(repeating: "x", count: 107), "http://a?b", "http://a\nb",
    ])
    func `An invalid address is refused with an example`(text: String) {
        let error = #expect(throws: InvalidAPIAddress.self) { try APIAddress(text) }
        #expect(error?.description.contains("http://127.0.0.1:8080") == true)
    }

    @Test func `The curl command reaches the same server`() throws {
        let http = try APIAddress("http://127.0.0.1:8080").curlCommand("DELETE", "/apps/a?force=true")
        #expect(http == "curl -X DELETE 'http://127.0.0.1:8080/apps/a?force=true'")
        let socket = try APIAddress("unix:/run/b.sock").curlCommand("DELETE", "/apps/a")
        #expect(socket == "curl -X DELETE --unix-socket '/run/b.sock' 'http://berth/apps/a'")
    }
}

import Testing

@testable import DockerEngine

@Suite struct APIVersionTests {
    @Test("Versions are compared as numbers, not as text")
    func order() throws {
        let versions = ["1.9", "1.41", "1.100", "2.0"].compactMap { APIVersion($0) }
        #expect(versions.count == 4)
        #expect(versions.sorted() == versions)
        #expect(versions.map(\.description) == ["1.9", "1.41", "1.100", "2.0"])
    }

    @Test(
        "What is not two small numbers with a dot is no version",
        arguments: [
            "", ".", "1", "1.", ".41", "1.41.0", "v1.41", "1,41", " 1.41", "1.41 ", "1.41\n", "-1.41", "1.-41", "+1.41",
            "1.+41", "-0.41", "1.65536", "99999999999999999999.1", "1.0x29", "1.４１", "one.two", "1.41/../..",
        ]
    )
    func garbage(_ text: String) {
        #expect(APIVersion(text) == nil)
    }

    @Test(
        "The newest version that both speak is agreed on",
        arguments: [
            ("1.12", "1.41", "1.41"), ("1.24", "1.52", "1.52"), ("1.24", "1.99", "1.52"), ("1.44", "1.51", "1.51"),
            ("1.52", "1.60", "1.52"), ("1.41", "1.41", "1.41"), ("1.24", "2.0", "1.52"),
        ]
    )
    func agreement(oldest: String, newest: String, agreed: String) throws {
        let oldest = try #require(APIVersion(oldest))
        let newest = try #require(APIVersion(newest))
        #expect(try APIVersion.agreed(engineOldest: oldest, engineNewest: newest).description == agreed)
    }

    @Test("An engine before 20.10 is too old, one that has dropped all we speak is too new")
    func noAgreement() throws {
        let old = APIVersion(major: 1, minor: 40)
        let new = APIVersion(major: 1, minor: 53)
        #expect(throws: EngineVersionMismatch.engineTooOld(speaks: old)) {
            try APIVersion.agreed(engineOldest: APIVersion(major: 1, minor: 12), engineNewest: old)
        }
        #expect(throws: EngineVersionMismatch.engineTooNew(needs: new)) {
            try APIVersion.agreed(engineOldest: new, engineNewest: APIVersion(major: 1, minor: 60))
        }
    }
}

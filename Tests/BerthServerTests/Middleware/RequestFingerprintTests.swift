import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import BerthServer

@Suite struct RequestFingerprintTests {
    private func fingerprint(_ path: String, _ body: String, _ method: HTTPRequest.Method = .post) -> String {
        let head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path)
        let bytes = ByteBuffer(string: body)
        return RequestFingerprint(Request(head: head, body: RequestBody(buffer: bytes)), body: bytes).text
    }

    @Test func `Any difference in a request changes its fingerprint`() {
        let fingerprints: Set = [
            fingerprint("/apps", "{}"), fingerprint("/apps", "{} "), fingerprint("/apps", ""),
            fingerprint("/apps?x=1", "{}"), fingerprint("/apps?x=2", "{}"), fingerprint("/apps/a", "{}"),
            fingerprint("/apps", "{}", .put),
        ]
        #expect(fingerprints.count == 7)
    }

    @Test func `A final slash does not change the fingerprint`() {
        #expect(fingerprint("/apps/", "{}") == fingerprint("/apps", "{}"))
        #expect(fingerprint("/apps", "{}").wholeMatch(of: /[0-9a-f]{64}/) != nil)
    }
}

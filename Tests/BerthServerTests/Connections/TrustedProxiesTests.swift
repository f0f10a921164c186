import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct TrustedProxiesTests {
    private func forwarded(_ headers: [(String, String)], from peer: String) -> TrustedProxies.Forwarded? {
        let proxies = TrustedProxies(networks: ["10.0.0.0/8", "::1"].compactMap { IPNetwork($0) })
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(HTTPField(name: .named(name), value: value)) }
        let head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/", headerFields: fields)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        return proxies.forwarded(request, from: IPAddress(peer))
    }

    @Test(arguments: [
        ([], "10.0.0.1"), (["192.0.2.1"], "192.0.2.1"), (["6.6.6.6, 192.0.2.1"], "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], "192.0.2.1"), (["192.0.2.1, 10.0.0.2,10.0.0.3 "], "192.0.2.1"),
        (["10.0.0.5, 10.0.0.2"], "10.0.0.5"), (["6.6.6.6, unknown"], "10.0.0.1"),
        (["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"), (["6.6.6.6, 192.0.2.1:80"], "10.0.0.1"),
        (["2001:db8::1"], "2001:db8::1"), ([" , "], "10.0.0.1"),
    ])
    func `The client is the last address that is no proxy`(_ values: [String], _ client: String) {
        let forwarded = forwarded(values.map { ("X-Forwarded-For", $0) }, from: "10.0.0.1")
        #expect(forwarded?.client.description == client)
    }

    @Test func `Only a trusted proxy is believed`() {
        let headers = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https")]
        #expect(forwarded(headers, from: "11.0.0.1") == nil)
        #expect(forwarded(headers, from: "127.0.0.1") == nil)
        #expect(forwarded(headers, from: "::1")?.isSecure == true)
    }

    @Test func `The proxy next to the server has the last word`() {
        let headers = [
            ("X-Forwarded-Proto", "https, http"), ("X-Forwarded-Host", "evil.example.org, berth.example.org"),
        ]
        let forwarded = forwarded(headers, from: "10.0.0.1")
        #expect(forwarded?.isSecure == false)
        #expect(forwarded?.authority == "berth.example.org")
        #expect(self.forwarded([], from: "10.0.0.1")?.isSecure == nil)
    }
}

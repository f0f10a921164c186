import BerthAPI
import JSON
import Testing

@Suite struct APIAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"), ("unix:/run/berth.sock", "unix:/run/berth.sock"),
        ("unix:///run/berth.sock", "unix:/run/berth.sock"), ("https://berth.example.org/", "https://berth.example.org"),
    ])
    func `An address is read as the server prints it`(text: String, written: String) throws {
        #expect(try APIAddress(text).description == written)
    }

    @Test(arguments: [
        "", "127.0.0.1:8080", "https://", "HTTPS://h", "https://u@h", "https://a/b", "http://", "http:///",
        "http://a/b", "http://a b", "http://u@h",
        "unix:", "unix:relative", "unix:/" + String(repeating: "x", count: 107), "http://a?b", "http://a\nb",
    ])
    func `An invalid address is refused with an example`(text: String) {
        let error = #expect(throws: InvalidAPIAddress.self) { try APIAddress(text) }
        #expect(error?.description.contains("http://127.0.0.1:8080") == true)
    }

    @Test func `Only addresses of this machine are loopback`() throws {
        for text in ["http://127.0.0.1:8080", "http://127.0.0.1", "http://[::1]:1", "http://localhost:1"] {
            #expect(try APIAddress(text).isLoopback, "\(text)")
        }
        for text in [
            "http://127.0.0.1.example.org", "http://localhost.example.org:1", "https://127.0.0.1",
            "http://10.0.0.1:8080",
            "http://127.0.0.10", "unix:/run/berth.sock",
        ] {
            #expect(try !APIAddress(text).isLoopback, "\(text)")
        }
    }

    @Test func `The curl command reaches the same server`() throws {
        let http = try APIAddress("http://127.0.0.1:8080").curlCommand("DELETE", "/apps/a?force=true")
        #expect(http == "curl -X DELETE 'http://127.0.0.1:8080/apps/a?force=true'")
        let socket = try APIAddress("unix:/run/b.sock").curlCommand("DELETE", "/apps/a")
        #expect(socket == "curl -X DELETE --unix-socket '/run/b.sock' 'http://berth/apps/a'")
        let secure = try APIAddress("https://h").curlCommand("GET", "/v1/me", hasToken: true)
        #expect(secure == #"curl -X GET -H "Authorization: Bearer $BERTH_TOKEN" 'https://h/v1/me'"#)
    }
}

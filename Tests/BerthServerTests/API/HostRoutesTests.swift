import HTTPTypes
import JSON
import Testing

@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct HostRoutesTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    @Test func `A host before the first attempt is shown as connecting`() async throws {
        let host = try await client.send(.get, "/v1/hosts/local")
        #expect(host.status == 200)
        #expect(
            host.body == #"{"name":"local","endpoint":"unix:///nonexistent/docker.sock","default":true,"#
                + #""source":"flag","drained":false,"scheduler":"engine","state":"connecting","reason":null,"fingerprint":null,"error":null,"#
                + #""engine_version":null,"api_version":null,"latency_ms":null,"last_seen_at":null,"#
                + #""clock_skew_ms":null,"live_restore":null,"log_driver":null,"warnings":[],"#
                + #""mirror":{"events":0,"last_event_at":null,"lists":0,"corrections":0},"#
                + #""runs":{"running":0,"finished":0}}"# + "\n"
        )
        let list = try await client.send(.get, "/v1/hosts/").body
        #expect(list == #"{"items":[\#(host.body.dropLast())],"next_cursor":null}"# + "\n")
    }

    @Test(arguments: ["limit=1", "limit=1000", "limit=100"])
    func `Hosts are paged`(_ query: String) async throws {
        let page = try await client.send(.get, "/v1/hosts?\(query)")
        #expect(page.status == 200)
        #expect(try page.json()["next_cursor"] == .null)
        let after = try await client.send(.get, "/v1/hosts?\(query)&cursor=local")
        #expect(after.body == #"{"items":[],"next_cursor":null}"# + "\n")
    }

    @Test(
        arguments: [
            ("limit=0", "/limit"), ("limit=1001", "/limit"), ("limit=x", "/limit"), ("limit=", "/limit"),
            ("limit=99999999999999999999", "/limit"), ("cursor=-", "/cursor"), ("limit=1&limit=1", "/limit"),
        ]
    )
    func `An invalid page parameter is refused`(_ query: String, _ pointer: String) async throws {
        let answer = try await client.send(.get, "/v1/hosts?\(query)")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == [pointer])
    }

    @Test func `An unreachable host gives the reason and advice`() async throws {
        try await client.withUnreachableHost {
            let host = try await client.send(.get, "/v1/hosts/local")
            #expect(try host.text("state") == "unreachable")
            #expect(try host.text("reason") == "engine_down")
            #expect(try host.text("error")?.contains("this user may open /nonexistent/docker.sock") == true)
        }
    }

    @Test(arguments: ["/v1/hosts/missing", "/v1/hosts/..%2f", "/v1/hosts/%00"])
    func `A missing host is not found`(_ path: String) async throws {
        try expectProblem(try await client.send(.get, path), 404, "host_not_found")
        try expectProblem(try await client.send(.post, path + "/trust", #"{"fingerprint":"x"}"#), 404, "host_not_found")
    }

    @Test func `A host without a pending key has nothing to approve`() async throws {
        let answer = try await client.send(.post, "/v1/hosts/local/trust/", #"{"fingerprint":"SHA256:x"}"#)
        try expectProblem(answer, 409, "nothing_to_trust")
    }

    @Test(
        arguments: [
            ("{}", "/fingerprint"), (#"{"fingerprint":1}"#, "/fingerprint"), (#"{"fingerprint":""}"#, "/fingerprint"),
            (#"{"fingerprint":"x","host":"y"}"#, "/host"),
        ]
    )
    func `A fingerprint must be text`(_ body: String, _ pointer: String) async throws {
        let answer = try await client.send(.post, "/v1/hosts/local/trust", body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == [pointer])
    }
}

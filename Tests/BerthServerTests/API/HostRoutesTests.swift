import FakeEngine
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer
@testable import SQL

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

    private let far = #"{"name":"far","endpoint":"ssh://deploy@far.example.org"}"#

    @Test func `A host is added, changed, drained and removed`() async throws {
        let added = try await client.send(.post, "/v1/hosts", far)
        #expect(added.status == 201)
        #expect(added.headers[.location] == "/v1/hosts/far")
        #expect(try added.text("state") == "connecting")
        #expect(try added.text("source") == "api")
        #expect(try added.json()["drained"] == .bool(false))
        #expect(try await client.send(.get, "/v1/hosts/far").body == added.body)
        #expect(try await client.send(.get, "/v1/hosts").texts("name") == ["local", "far"])
        let patched = try await client.send(.patch, "/v1/hosts/far", #"{"endpoint":"ssh://other"}"#)
        #expect(patched.status == 200)
        #expect(try patched.text("endpoint") == "ssh://other")
        #expect(try await client.send(.patch, "/v1/hosts/far", "{}").body == patched.body)
        for host in ["far", "local"] {
            for (action, isDrained) in [("drain", true), ("drain", true), ("undrain", false), ("undrain", false)] {
                let answer = try await client.send(.post, "/v1/hosts/\(host)/\(action)")
                #expect(answer.status == 200)
                #expect(try answer.json()["drained"] == .bool(isDrained))
            }
        }
        #expect(try await client.send(.delete, "/v1/hosts/far").status == 204)
        try expectProblem(try await client.send(.delete, "/v1/hosts/far"), 404, "host_not_found")
        try expectProblem(try await client.send(.patch, "/v1/hosts/far", "{}"), 404, "host_not_found")
        try expectProblem(try await client.send(.post, "/v1/hosts/far/drain"), 404, "host_not_found")
        #expect(try await client.send(.post, "/v1/hosts", far).status == 201)
    }

    @Test func `A name is taken once, also by a flag`() async throws {
        #expect(try await client.send(.post, "/v1/hosts", far).status == 201)
        try expectProblem(try await client.send(.post, "/v1/hosts", far), 409, "host_exists")
        let local = #"{"name":"local","endpoint":"ssh://far"}"#
        try expectProblem(try await client.send(.post, "/v1/hosts", local), 409, "host_exists")
    }

    @Test func `A host from a flag cannot be changed or removed`() async throws {
        let patch = #"{"endpoint":"ssh://far"}"#
        try expectProblem(try await client.send(.patch, "/v1/hosts/local", patch), 409, "host_from_flag")
        for query in ["", "?force=true"] {
            try expectProblem(try await client.send(.delete, "/v1/hosts/local\(query)"), 409, "host_from_flag")
        }
    }

    @Test(
        arguments: [
            ("{}", ["/name", "/endpoint"]), (#"{"name":"Far","endpoint":"ssh://far"}"#, ["/name"]),
            (#"{"name":"far","endpoint":1}"#, ["/endpoint"]), (#"{"name":"far","endpoint":"far"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"ssh://-oProxyCommand=x"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"ssh://a -o x"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"ssh://-l@far"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"ssh://far/x:y"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"ssh://far\u0000"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"unix://relative"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"tcp://far:2376"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"tcp://far:2376?certs=/etc"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"tcp://127.0.0.1:2375?tls=off"}"#, ["/endpoint"]),
            (#"{"name":"far","endpoint":"ssh://far","ssh_config":"/x"}"#, ["/ssh_config"]),
        ]
    )
    func `An invalid host is refused with the reason`(_ body: String, _ pointers: [String]) async throws {
        let answer = try await client.send(.post, "/v1/hosts", body)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == pointers)
        #expect(try await client.send(.get, "/v1/hosts").texts("name") == ["local"])
    }

    @Test(arguments: [#"{"endpoint":null}"#, #"{"endpoint":"far"}"#, #"{"endpoint":"tcp://far:2376?certs=/etc"}"#])
    func `A patch to an invalid endpoint changes nothing`(_ patch: String) async throws {
        let added = try await client.send(.post, "/v1/hosts", far)
        let answer = try await client.send(.patch, "/v1/hosts/far", patch)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/endpoint"])
        #expect(try await client.send(.get, "/v1/hosts/far").body == added.body)
    }

    @Test func `A host is added once under one key, also if the response was lost`() async throws {
        let key: HTTPFields = [.idempotencyKey: "key"]
        let first = try await client.send(.post, "/v1/hosts", far, headers: key)
        #expect(first.status == 201)
        #expect(try await client.send(.post, "/v1/hosts", far, headers: key).bytes == first.bytes)
        try await client.platform.store.database.write { connection in
            try connection.run("UPDATE idempotency_keys SET answer = NULL", [])
        }
        let again = try await client.send(.post, "/v1/hosts", far, headers: key)
        #expect(again.status == 201)
        #expect(again.headers[.idempotencyReplayed] == nil)
        #expect(try await client.send(.get, "/v1/hosts").texts("name") == ["local", "far"])
    }

    @Test func `Runs are live on a host until it is removed by force`() async throws {
        try await client.create("app")
        #expect(try await client.send(.post, "/v1/hosts", far).status == 201)
        let run = try await client.record("app", .running, on: "far")
        try expectProblem(try await client.send(.delete, "/v1/hosts/far"), 409, "host_in_use")
        #expect(try await client.send(.delete, "/v1/hosts/far?force=true").status == 204)
        let shown = try await client.send(.get, "/v1/runs/\(run.name)")
        #expect(try shown.text("state") == "lost")
        #expect(try shown.text("reason")?.contains("host was removed") == true)
        #expect(try shown.json()["stale"] == .bool(true))
    }

    @Test func `A drained host is refused for new runs`() async throws {
        try await client.create("app")
        _ = try await client.send(.post, "/v1/hosts/local/drain")
        for (path, body) in [("/v1/apps/app/runs", #"{"host":"local"}"#), ("/apps/run/app", nil)] {
            let answer = try await client.send(.post, path, body)
            try expectProblem(answer, 409, "host_drained")
            #expect(try answer.text("detail")?.contains("POST /v1/hosts/local/undrain") == true)
        }
    }

    @Test func `A removed host leaves no metrics behind`() async throws {
        try await withFakeEngine { client, engine in
            let body = #"{"name":"far","endpoint":"\#(engine.endpoint)"}"#
            for _ in 0..<3 {
                #expect(try await client.send(.post, "/v1/hosts", body).status == 201)
                try await eventually("it is connected") {
                    try await client.send(.get, "/v1/hosts/far").text("state") == "connected"
                }
                #expect(try await client.send(.get, "/metrics").body.contains(#"host="far""#))
                #expect(try await client.send(.delete, "/v1/hosts/far").status == 204)
                try await eventually("its metrics are gone") {
                    try await !client.send(.get, "/metrics").body.contains(#"host="far""#)
                }
            }
            #expect(try await client.send(.get, "/metrics").body.contains(#"host="local""#))
        }
    }
}

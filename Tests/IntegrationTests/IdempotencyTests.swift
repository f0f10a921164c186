import DockerEngine
import Glibc
import JSON
import Testing

/// A client without an answer repeats its request under the same key, and nothing is doubled.
@Suite(.serialized) struct IdempotencyTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A hundred concurrent requests with one key make one container`() async throws {
        let lab = lab
        let app = freshName("app")
        try await withState { state in
            let name = try await withServer(state) { http in
                try await http.define(app)
                let answers = try await withThrowingTaskGroup(of: HTTP.Answer.self) { group in
                    for _ in 0..<100 { group.addTask { try await http.post("/apps/run/\(app)", key: "one") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let names = Set(answers.filter { $0.status == 201 }.map { $0["name"].string })
                #expect(names.count == 1)
                for refused in answers where refused.status != 201 {
                    #expect(refused["code"] == "idempotency_in_progress")
                    #expect(refused.header("retry-after") != nil)
                }
                #expect(try await lab.containers(ofApp: app).count == 1)
                return names.first ?? ""
            }
            try await withServer(state) { http in
                let replayed = try await http.post("/apps/run/\(app)", key: "one")
                #expect(replayed.status == 201)
                #expect(replayed.header("idempotency-replayed") == "true")
                #expect(replayed["name"].string == name)
                let reused = try await http.post("/apps/run/\(app)", [:], key: "one")
                #expect(reused.status == 422)
                #expect(reused["code"] == "idempotency_key_reused")
                #expect(try await lab.containers(ofApp: app).count == 1)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test(arguments: [
        "after-record", "before-create", "after-create", "before-start", "after-start", "before-record-started",
        "after-record-started",
    ])
    func `A request for three containers that is repeated after a crash makes three`(
        point: String
    ) async throws {
        let lab = lab
        let app = freshName("app")
        let order: JSONValue = ["count": 3]
        try await withState { state in
            try await withServer(state, environment: ["BERTH_FAULT_POINT": point]) { http in
                try await http.define(app)
                await #expect(throws: (any Error).self) {
                    try await http.post("/v1/apps/\(app)/runs", order, key: "three")
                }
            }
            try await withServer(state) { http in
                let answer = try await repeated(http, "/v1/apps/\(app)/runs", order, key: "three")
                #expect(answer.status == 201, "\(answer.text)")
                let names = Set(answer["items"].elements.map { $0["name"].string })
                #expect(names.count == 3)
                try await eventually("the engine has three that run") {
                    let found = try await lab.containers(ofApp: app)
                    let running = Set(found.flatMap { $0.names ?? [] }.map { String($0.dropFirst()) })
                    return found.allSatisfy { $0.state == "running" } && running == names
                }
                let again = try await http.post("/v1/apps/\(app)/runs", order, key: "three")
                #expect(again.text == answer.text)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test(arguments: ["after-enqueue", "after-create", "after-start", "before-record-started"])
    func `A queued run is started once, by the next process after a crash`(point: String) async throws {
        let lab = lab
        let app = freshName("app")
        try await withState { state in
            try await withServer(state, environment: ["BERTH_FAULT_POINT": point]) { http in
                try await http.define(app)
                // The answer may come before the crash or not.
                _ = try? await http.post("/v1/apps/\(app)/runs", ["count": 2, "wait": "created"], key: "two")
                try await eventually("it died") { (try? await http.get("/healthz")) == nil }
            }
            try await withServer(state) { http in
                try await eventually("both run") {
                    let listed = try await http.containers()
                    return listed.count == 2 && Set(listed.values) == ["R"]
                }
                let answer = try await http.post("/v1/apps/\(app)/runs", ["count": 2, "wait": "created"], key: "two")
                #expect(answer.status == 202)
                try await eventually("the engine has two that run") {
                    let found = try await lab.containers(ofApp: app)
                    return found.count == 2 && found.allSatisfy { $0.state == "running" }
                }
                #expect(try await http.containers().count == 2)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A refused request leaves its key free`() async throws {
        let app = freshName("app")
        try await withState { state in
            try await withServer(state) { http in
                let wrong = try await http.post("/v1/apps", ["name": .string(app)], key: "k")
                #expect(wrong.status == 422)
                let right = try await http.post("/v1/apps", ["name": .string(app), "image": "busybox"], key: "k")
                #expect(right.status == 201)
                let again = try await http.post("/v1/apps", ["name": .string(app), "image": "busybox"], key: "k")
                #expect(again.status == 201)
                #expect(again.text == right.text)
                #expect(again.header("location") == right.header("location"))
                #expect(again.header("etag") == right.header("etag"))
            }
        }
    }
}

extension IdempotencyTests {
    private func withState(_ body: (String) async throws -> Void) async throws { try await withDirectory(body) }

    private func withServer<Result: Sendable>(
        _ state: String,
        environment: [String: String] = [:],
        _ body: @escaping @Sendable (HTTP) async throws -> Result
    ) async throws -> Result {
        try await BerthProcess.with(
            hosts: ["lab=\(lab.sshEndpoint)"],
            stateDirectory: state,
            sshConfig: lab.sshConfig,
            environment: environment
        ) { server in
            try await server.client.waitForHost("lab", "connected")
            return try await body(server.client)
        }
    }

    /// Repeats the request as a client does: as long as the answer says so.
    private func repeated(_ http: HTTP, _ path: String, _ body: JSONValue, key: String) async throws -> HTTP.Answer {
        for _ in 0..<120 {
            let answer = try await http.post(path, body, key: key)
            guard answer.header("retry-after") != nil else { return answer }
            try await Task.sleep(for: .milliseconds(500))
        }
        throw LabError("it was told to try again for a minute")
    }
}

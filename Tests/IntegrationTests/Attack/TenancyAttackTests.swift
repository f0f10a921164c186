import BerthAPI
import JSON
import TestSupport
import Testing

/// Attempts of one team to see or change what belongs to another.
@Suite(.serialized, .timeLimit(.minutes(5))) struct TenancyAttackTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `With another team's token, each route responds as if the app, run or session did not exist`()
        async throws
    {
        try await AttackedServer.with(lab) { server in
            let stage = server.stage
            let session = try await server.other.post(
                "/v1/runs/\(stage.otherRun)/exec",
                ["command": ["cat"], "interactive": true]
            )
            #expect(session.status == 201, "\(session.text)")
            let exec = session["id"].string
            // Of the token's own team, so that only their absence can be the reason.
            let absentApp = "own-" + String(repeating: "x", count: stage.otherApp.count - 4)
            let absent = ["{app}": absentApp, "{run}": absentApp + "-aaaaaa", "{exec}": absentID(like: exec)]
            let present = ["{app}": stage.otherApp, "{run}": stage.otherRun, "{exec}": exec]
            var count = 0
            for endpoint in EndpointFacts.all where absent.keys.contains(where: endpoint.path.contains) {
                let theirs = try await self.answer(of: endpoint, present, server)
                let none = try await self.answer(of: endpoint, absent, server)
                #expect(theirs.status == 404, "\(endpoint.id): \(theirs.status) \(theirs.text)")
                #expect(theirs == none, "\(endpoint.id)")
                count += 1
            }
            #expect(count >= 25)
            #expect(try await server.other.get("/v1/runs/\(stage.otherRun)")["state"] == "running")
            #expect(try await server.other.get("/v1/apps/\(stage.otherApp)")["release"] == 1)
            #expect(try await server.other.get("/v1/exec/\(exec)")["state"] == "running")
        }
    }

    @Test func `An app cannot be made outside the token's pattern, whether it exists or not`() async throws {
        try await AttackedServer.with(lab) { server in
            for name in [server.stage.otherApp, "other-absent", "web"] {
                for path in ["/v1/apps", "/apps"] {
                    let body = #"{"name":"\#(name)","image":"busybox"}"#
                    let answer = try await server.send("POST", path, as: .deployer, body: body)
                    #expect(answer.status == 403, "\(path) \(name): \(answer.text)")
                    #expect(answer.code == "forbidden")
                }
            }
        }
    }

    @Test func `Lists and streams of one team show nothing of another's`() async throws {
        try await AttackedServer.with(lab) { server in
            let stage = server.stage
            for sender in [AttackSender.deployer, .viewer] {
                let http = server.http(sender)
                for path in ["/apps", "/v1/apps?limit=1000", "/v1/runs?limit=1000", "/apps/containers"] {
                    let answer = try await http.get(path)
                    #expect(answer.text.contains(stage.ownApp), "\(path)")
                    #expect(!answer.text.contains(stage.otherApp), "\(path)")
                }
                for path in ["/v1/runs?app=", "/apps/containers?app="] {
                    let theirs = try await http.get(path + stage.otherApp).text
                    #expect(try await http.get(path + "other-absent").text == theirs)
                }
                async let events = server.send("GET", "/v1/events", as: sender, within: .seconds(4))
                async let filtered = server.send(
                    "GET",
                    "/v1/events?app=\(stage.otherApp)",
                    as: sender,
                    within: .seconds(4)
                )
                // Some changes are made before the streams begin, and some after.
                for number in 0..<10 {
                    let body: JSONValue = ["labels": ["n": .string("\(number)")]]
                    _ = try await server.other.patch("/v1/apps/\(stage.otherApp)", body)
                    _ = try await server.http(.deployer).patch("/v1/apps/\(stage.ownApp)", body)
                    try await Task.sleep(for: .milliseconds(300))
                }
                _ = try await server.other.post("/v1/runs/\(stage.otherRun)/restart")
                #expect(try await events.text.contains(stage.ownApp))
                #expect(try await !events.text.contains(stage.otherApp))
                #expect(try await !filtered.text.contains(stage.otherApp))
            }
        }
    }

    @Test func `A key of one team repeats nothing for another`() async throws {
        try await AttackedServer.with(lab) { server in
            let stage = server.stage
            let theirs = try await server.other.post("/apps/run/\(stage.otherApp)", key: "shared")
            #expect(theirs.status == 201)
            let own = try await server.http(.deployer).post("/apps/run/\(stage.ownApp)", key: "shared")
            #expect(own.status == 201, "\(own.text)")
            #expect(own["name"].string.hasPrefix(stage.ownApp))
            #expect(own.header("idempotency-replayed") == nil)
            let stolen = try await server.http(.deployer).post("/apps/run/\(stage.otherApp)", key: "shared")
            #expect(stolen.status == 404)
            #expect(stolen.header("idempotency-replayed") == nil)
            let again = try await server.other.post("/apps/run/\(stage.otherApp)", key: "shared")
            #expect(again["name"] == theirs["name"])
        }
    }

    @Test func `Each route refuses a sender without a token, and one with too small a role`() async throws {
        try await AttackedServer.with(lab) { server in
            var random = SeededGenerator(seed: 1)
            for endpoint in EndpointFacts.all where endpoint.permission != .anyone {
                // As the administrator's, all names are the team's own.
                let path = server.stage.path(of: endpoint, from: .admin, using: &random)
                for sender in AttackSender.allCases where sender.isStranger && sender != .odd {
                    let answer = try await server.send(endpoint.method.rawValue, path, as: sender)
                    #expect(answer.status == 401, "\(endpoint.id) as \(sender)")
                    #expect(answer.header("www-authenticate")?.hasPrefix("Bearer") == true)
                }
                let refused: [AttackSender] =
                    switch endpoint.permission {
                    case .anyone, .view: []
                    case .run, .edit: [.viewer]
                    case .administer: [.viewer, .deployer]
                    }
                guard !endpoint.path.contains("{exec}") else { continue }
                for sender in refused {
                    let answer = try await server.send(endpoint.method.rawValue, path, as: sender)
                    #expect(answer.status == 403, "\(endpoint.id) as \(sender): \(answer.text)")
                    #expect(answer.code == "forbidden")
                }
            }
        }
    }
}

extension TenancyAttackTests {
    /// The answer to a valid request, without what differs between any two requests.
    private func answer(
        of endpoint: EndpointFacts,
        _ names: [String: String],
        _ server: AttackedServer
    ) async throws -> RawAnswer {
        var path = endpoint.path
        for (part, name) in names { path = path.replacing(part, with: name) }
        path = path.replacing("{release}", with: "1").replacing(#/\{[a-z_]+\}/#, with: "SPARE")
        if endpoint.parameters.contains(where: { $0.name == "force" }) { path += "?force=true" }
        let body = server.stage.bodies[endpoint.id]?.text
        var answer = try await server.send(endpoint.method.rawValue, path, as: .deployer, body: body)
        answer.headers.removeAll { ["x-request-id", "server-timing", "date", "content-length"].contains($0.name) }
        var text = answer.text.replacing(#/"request_id":"[^"]*"/#, with: "")
        // Longer names first: a run's begins with its app's.
        for name in names.values.sorted(by: { $0.count > $1.count }) { text = text.replacing(name, with: "NAME") }
        answer.body = Array(text.utf8)
        return answer
    }

    /// An id in the form of a given one.
    private func absentID(like id: String) -> String {
        String(id.map { $0.isHexDigit ? ($0 == "a" ? "b" : "a") : $0 })
    }
}

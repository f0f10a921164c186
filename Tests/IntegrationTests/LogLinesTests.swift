import FoundationEssentials
import JSON
import Testing

/// Berth's own log, as a program reads it.
@Suite struct LogLinesTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `Every log line follows the Elastic Common Schema, in all situations`() async throws {
        let lines = try await lines { app, http in
            try await http.define(app)
            _ = try await http.run(app)
            _ = try await http.get("/v1/runs/no%0Asuch")
            _ = try await http.get("/nowhere/%1B%5B2J")
            _ = try await http.post("/apps/", "no object")
        }
        let types = try Self.schema()
        #expect(types.count >= 20)
        var names: Set<String> = []
        for line in lines {
            guard case .object(let object) = line else {
                Issue.record("no object: \(line)")
                continue
            }
            for (name, value) in object.members.map({ ($0.name, $0.value) }) {
                names.insert(name)
                guard !name.hasPrefix("berth.") else { continue }
                guard let type = types[name.hasPrefix("labels.") ? "labels" : name] else {
                    Issue.record("\(name) is not in the schema")
                    continue
                }
                #expect(Self.isOf(type, value), "\(name): \(value) is no \(type)")
            }
        }
        let always: Set = [
            "@timestamp", "ecs.version", "log.level", "message", "service.name", "event.dataset", "process.pid",
        ]
        #expect(lines.allSatisfy { line in always.allSatisfy { line[$0] != .null } })
        #expect(
            names.isSuperset(of: ["event.duration", "http.response.status_code", "trace.id", "url.path", "berth.host"])
        )
    }

    @Test func `A request is found in the log by the id in its answer`() async throws {
        let lines = try await lines { app, http in
            try await http.define(app)
            #expect(try await http.post("/apps/run/\(app)", headers: [("X-Request-Id", "mine-42")]).status == 201)
        }
        let found = lines.filter { $0["trace.id"] == "mine-42" }
        #expect(found.count == 1)
        let line = try #require(found.first)
        #expect(line["event.dataset"] == "berth.access")
        #expect(line["berth.route"] == "/apps/run/{app}")
        #expect(line["http.response.status_code"] == 201)
        #expect(line["event.outcome"] == "success")
        guard case .number(let duration) = line["event.duration"] else {
            Issue.record("no duration in \(line)")
            return
        }
        #expect(try #require(duration.integer) > 1_000_000, "in nanoseconds; to start a container takes longer")
    }

    @Test func `Secrets are in no log line, at any level`() async throws {
        let lines = try await lines { app, http in
            let made = try await http.post(
                "/v1/apps",
                [
                    "name": .string(app), "image": "busybox", "command": ["sleep", "1000"],
                    "variables": ["PASSWORD": "hunter2-in-a-variable"],
                ]
            )
            #expect(made.status == 201, "\(made.text)")
            _ = try await http.post("/v1/apps/\(app)/runs", ["variables": ["TOKEN": "hunter2-in-an-override"]])
            _ = try await http.post("/v1/apps/\(app)/runs?secret=hunter2-in-a-query")
        }
        #expect(!lines.isEmpty)
        #expect(!lines.contains { $0.text.contains("hunter2") })
    }

    /// The lines of a server at the most detailed level, while `body` sends requests to it.
    private func lines(
        _ body: @escaping @Sendable (_ app: String, _ http: HTTP) async throws -> Void
    ) async throws -> [JSONValue] {
        let app = freshName("app")
        let lab = lab
        let result = await Result(catching: {
            try await BerthProcess.with(
                hosts: ["lab=\(lab.unixEndpoint)", "dead=unix:///nonexistent/docker.sock"],
                options: ["--log-format", "json", "--log-level", "trace"]
            ) { server in
                try await server.client.waitForHost("lab", "connected")
                try await body(app, server.client)
                return server.log
            }
        })
        try await lab.removeContainers(ofApp: app)
        return try result.get().split(separator: "\n").map { line in
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
            return try JSONReader.parse(Array(line.utf8))
        }
    }

    /// The schema's fields that may be used, with their types.
    private static func schema() throws -> [String: String] {
        let file = Lab.packageDirectory + "/Tests/BerthServerTests/Resources/ecs-fields.csv"
        let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropFirst()
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let cells = row.split(separator: ",").map(String.init)
                return (cells[0], cells[1])
            }
        )
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("long", .number(let number)): number.integer != nil
        case ("date", .string(let text)): text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
        case ("keyword", .array(let values)): values.allSatisfy { isOf(type, $0) }
        case ("keyword", .string), ("wildcard", .string), ("match_only_text", .string): true
        case ("object", .string): true
        default: false
        }
    }
}

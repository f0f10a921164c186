import DockerEngine
import FoundationEssentials
import JSON
import TestSupport
import Testing

/// The short form from end to end: the real server, the real engine, over the socket and over SSH.
@Suite(.serialized) struct ShortFormTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: Way.allCases, Database.allCases)
    func `An app is defined, run, watched, edited and deleted`(way: Way, database: Database) async throws {
        let lab = lab
        let app = freshName("app")
        try await withServer(way, app, database) { server in
            let http = server.client
            let definition: JSONValue = [
                "name": .string(app), "image": "nginx", "command": "sleep 1000",
                "variables": [["key1": "value1"], ["key2": "value2"]],
            ]
            let created = try await http.post("/apps/", definition)
            #expect(created.status == 201)
            #expect(created.header("location") == "/apps/\(app)")
            #expect(created.json == definition)
            #expect(try await http.post("/apps", definition).status == 409)

            let first = try await http.post("/apps/run/\(app)")
            #expect(first.status == 201)
            #expect(first.json == ["name": first["name"], "Status": "R", "images": .string(app)])
            let second = try await http.run(app)
            #expect(try await http.containers() == [first["name"].string: "R", second: "R"])

            let details = try await inspect(second)
            #expect(details.config.command == ["sleep", "1000"])
            #expect(details.config.environment?.contains("key1=value1") == true)
            #expect(details.config.labels?["berth.app"] == app)
            #expect(details.config.labels?["berth.release"] == "1")

            try await runDocker(lab, "kill", second)
            let delay = try await eventually("the killed one is F") { try await http.containers()[second] == "F" }
            #expect(delay < .promised(.seconds(1)))

            let patched = try await http.patch(
                "/apps/\(app)",
                ["variables": ["key1": nil, "key3": "x"], "image": "busybox"]
            )
            #expect(patched["variables"] == [["key2": "value2"], ["key3": "x"]])
            let third = try await http.run(app)
            #expect(try await inspect(third).config.labels?["berth.release"] == "2")
            #expect(try await inspect(first["name"].string).config.image == "nginx")

            let refused = try await http.delete("/apps/\(app)")
            #expect(refused.status == 409)
            #expect(refused["code"] == "app_has_running_containers")
            try await runDocker(lab, "kill", first["name"].string, third)
            try await eventually("all are F") { try await Set(http.containers().values) == ["F"] }
            #expect(try await http.delete("/apps/\(app)").status == 204)
            #expect(try await http.get("/apps/\(app)").status == 404)
            #expect(try await http.containers().isEmpty)
            #expect(try await containers(of: app).isEmpty)
        }
    }

    @Test func `A forced deletion stops and removes running containers`() async throws {
        let app = freshName("app")
        try await withServer(.ssh, app) { server in
            try await server.client.define(app)
            for _ in 0..<3 { _ = try await server.client.run(app) }
            #expect(try await server.client.delete("/apps/\(app)?force=true").status == 204)
            #expect(try await containers(of: app).isEmpty)
        }
    }

    @Test(arguments: Way.allCases)
    func `A container that ended, was removed or was paused by hand is shown so within a second`(
        way: Way
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await withServer(way, app) { server in
            let http = server.client
            try await http.define(app)
            let ended = try await http.run(app)
            let removed = try await http.run(app)
            let renamed = try await http.run(app)
            try await runDocker(lab, "stop", ended)
            #expect(
                try await eventually("it ended") { try await http.containers()[ended] == "F" } < .promised(.seconds(1))
            )
            try await runDocker(lab, "rm", "-f", removed)
            #expect(
                try await eventually("it is gone") { try await http.containers()[removed] == "F" }
                    < .promised(.seconds(1))
            )
            try await runDocker(lab, "start", ended)
            #expect(
                try await eventually("it runs again") { try await http.containers()[ended] == "R" }
                    < .promised(.seconds(1))
            )
            try await runDocker(lab, "rename", renamed, renamed + "-x")
            try await runDocker(lab, "kill", renamed + "-x")
            #expect(
                try await eventually("it was killed") { try await http.containers()[renamed] == "F" }
                    < .promised(.seconds(1))
            )
        }
    }

    @Test func `Values of every kind arrive exactly, without passing through a shell`() async throws {
        let app = freshName("app")
        let canary = "/tmp/" + freshName("canary")
        let values = [
            "$(touch \(canary))", "`touch \(canary)`; rm -rf /", "'\"\\", "one\ntwo\r\n", "", "Zoë 🚢 e\u{301} \u{202E}",
            " x ",
            String(repeating: "x", count: 60_000),
        ]
        try await withServer(.ssh, app) { server in
            var variables = JSONObject()
            for (index, value) in values.enumerated() { variables.set("V\(index) $x'", to: .string(value)) }
            let command: JSONValue = [
                "sh", "-c", "trap 'exit 0' TERM; sleep 99 & wait", "$HOME", "a  b", "*", "", "\n",
            ]
            let created = try await server.client.post(
                "/apps/",
                ["name": .string(app), "image": "busybox", "command": command, "variables": .object(variables)]
            )
            #expect(created.status == 201)
            let config = try await inspect(try await server.client.run(app)).config
            let expected = values.enumerated().map { "V\($0) $x'=\($1)" }
            #expect(config.environment?.prefix(values.count).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
            #expect(!FileManager.default.fileExists(atPath: canary))
            #expect(Processes.children(of: server.processID).sorted() == server.tunnels.sorted())
            #expect(config.command?.suffix(5) == ["$HOME", "a  b", "*", "", "\n"])
        }
    }

    @Test func `A failed start leaves no container and gives the engine's reason`() async throws {
        let app = freshName("app")
        try await withServer(.ssh, app) { server in
            try await server.client.define(app, command: ["no-such-program"])
            let answer = try await server.client.post("/apps/run/\(app)")
            #expect(answer.status == 502)
            #expect(answer["code"] == "engine_error")
            #expect(answer["detail"].string.contains("no-such-program"))
            #expect(try await containers(of: app).isEmpty)
            #expect(try await server.client.containers().map(\.value) == ["F"])
            _ = try await server.client.patch("/apps/\(app)", ["command": sleeping])
            _ = try await server.client.run(app)
            #expect(try await server.client.containers().values.sorted() == ["F", "R"])
        }
    }

    @Test func `A missing image is pulled once for all runs, and a wrong one gives a clear error`() async throws {
        let lab = lab
        let app = freshName("app")
        let image = "\(lab.registry)/\(freshName()):1"
        try await runDocker(lab, "tag", "busybox:latest", image)
        try await runDocker(lab, "push", image)
        try await runDocker(lab, "rmi", image)
        try await withServer(.ssh, app) { server in
            let http = server.client
            try await http.define(app, image: image)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await http.post("/apps/run/\(app)").status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [201, 201, 201, 201, 201])
            _ = try await http.patch("/apps/\(app)", ["image": .string("\(lab.registry)/no/such:1")])
            let answer = try await http.post("/apps/run/\(app)")
            #expect(answer.status == 502)
            #expect(answer["detail"].string.contains("no/such"))
        }
        try await runDocker(lab, "rmi", image)
    }

    @Test func `A run avoids names taken on the engine, and their containers are not touched`() async throws {
        let lab = lab
        let app = freshName("app")
        try await withServer(.unixSocket, app) { server in
            try await server.client.define(app)
            let strangers = ["\(app)-stranger", "\(app)-aaaaaa"]
            for stranger in strangers {
                try await runDocker(
                    lab,
                    "run",
                    "-d",
                    "--name",
                    stranger,
                    "--label",
                    "berth.app=other",
                    "--label",
                    "berth.run=x",
                    "busybox",
                    "sleep",
                    "999"
                )
            }
            _ = try await server.client.run(app)
            #expect(try await server.client.delete("/apps/\(app)?force=true").status == 204)
            for stranger in strangers {
                #expect(try await inspect(stranger).state.status == "running")
                try await runDocker(lab, "rm", "-f", stranger)
            }
        }
    }

    @Test func `Twenty concurrent runs make twenty containers, and a kill of all is shown`() async throws {
        let app = freshName("app")
        try await withServer(.ssh, app) { server in
            let http = server.client
            try await http.define(app)
            let names = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await http.run(app) } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(names.count == 20)
            #expect(try await Set(http.containers().keys) == names)
            try await lab.removeContainers(ofApp: app)
            try await eventually(within: .promised(.seconds(5)), "all are F") {
                try await Set(http.containers().values) == ["F"]
            }
        }
    }
}

extension ShortFormTests {
    private func withServer(
        _ way: Way,
        _ app: String,
        _ database: Database = .sqlite,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Void
    ) async throws {
        let lab = lab
        let result = await Result(catching: {
            try await database.with { url in
                let hosts = ["lab=\(way.endpoint(lab))"]
                try await BerthProcess.with(hosts: hosts, sshConfig: lab.sshConfig, database: url, body)
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    private func containers(of app: String) async throws -> [ContainerSummary] {
        try await lab.withEngine { try await $0.containers(labels: ["berth.app=\(app)"]) }
    }

    private func inspect(_ name: String) async throws -> ContainerDetails {
        let id = try await runDocker(lab, "inspect", "--format", "{{.Id}}", name)
        let container = try #require(ContainerID(id))
        return try await lab.withEngine { try await $0.container(container) }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

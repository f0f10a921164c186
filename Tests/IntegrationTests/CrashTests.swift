import DockerEngine
import FoundationEssentials
import Glibc
import JSON
import Testing

/// `kill -9` of the server at any point: nothing that was answered is lost or doubled, and no workload is affected.
@Suite(.serialized) struct CrashTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    /// The database matters where the crash follows or precedes its transaction.
    private static let points: [(String, Database)] = [
        ("after-record", .sqlite), ("after-record", .mariaDB), ("before-create", .sqlite), ("after-create", .sqlite),
        ("before-start", .sqlite), ("after-start", .sqlite), ("before-record-started", .sqlite),
        ("after-record-started", .sqlite), ("after-record-started", .mariaDB),
    ]

    @Test(arguments: points)
    func `A crash between two steps of a run leaves one running container, or none and a failed run`(
        point: String,
        database: Database
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await withState(database) { state, url in
            let hosts = ["lab=\(lab.sshEndpoint)"]
            try await BerthProcess.with(
                hosts: hosts,
                stateDirectory: state,
                sshConfig: lab.sshConfig,
                database: url,
                environment: ["BERTH_FAULT_POINT": point]
            ) { server in
                try await server.client.define(app)
                await #expect(throws: (any Error).self) { try await server.client.post("/apps/run/\(app)") }
                try await eventually("it died") { !server.isRunning }
            }
            try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: lab.sshConfig, database: url) {
                server in
                let http = server.client
                try await http.waitForHost("lab", "connected")
                try await expectOneOrNone(http, app)
                let retried = try await http.run(app)
                #expect(try await http.containers()[retried] == "R")
                #expect(try await http.delete("/apps/\(app)?force=true").status == 204)
                #expect(try await containers(of: app).isEmpty)
            }
        }
    }

    @Test(arguments: [[], ["80"]] as [JSONValue])
    func `A server that crashed before it recorded the engine's answer asks the engine again`(
        ports: JSONValue
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await withDirectory { state in
            let hosts = ["lab=\(lab.unixEndpoint)"]
            try await BerthProcess.with(
                hosts: hosts,
                stateDirectory: state,
                environment: ["BERTH_FAULT_POINT": "after-record-started"]
            ) { server in
                let definition: JSONValue = [
                    "name": .string(app), "image": "busybox", "command": sleeping, "ports": ports, "max_runtime": 5,
                ]
                #expect(try await server.client.post("/v1/apps", definition).status == 201)
                await #expect(throws: (any Error).self) { try await server.client.post("/apps/run/\(app)") }
                try await eventually("it died") { !server.isRunning }
            }
            try await BerthProcess.with(hosts: hosts, stateDirectory: state) { server in
                let http = server.client
                let name = try #require(try await http.runs(of: app).first)["name"].string
                try await eventually("all of it is known, and it is stopped at its time") {
                    let run = try await http.get("/v1/runs/\(name)")
                    return !run["started_at"].string.isEmpty && !run["image_id"].string.isEmpty
                        && run["state"] == "exited"
                }
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test(arguments: ["before-remove", "after-remove"], Database.allCases)
    func `A deletion that a crash interrupted can be repeated`(
        point: String,
        database: Database
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await withState(database) { state, url in
            let hosts = ["lab=\(lab.sshEndpoint)"]
            try await BerthProcess.with(
                hosts: hosts,
                stateDirectory: state,
                sshConfig: lab.sshConfig,
                database: url,
                environment: ["BERTH_FAULT_POINT": point]
            ) { server in
                try await server.client.define(app)
                _ = try await server.client.run(app)
                await #expect(throws: (any Error).self) { try await server.client.delete("/apps/\(app)?force=true") }
                try await eventually("it died") { !server.isRunning }
            }
            try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: lab.sshConfig, database: url) {
                server in
                try await server.client.waitForHost("lab", "connected")
                #expect(try await server.client.containers().values.allSatisfy { $0 == "F" })
                #expect(try await server.client.delete("/apps/\(app)").status == 204)
                #expect(try await containers(of: app).isEmpty)
            }
        }
    }

    @Test func `Containers keep running through the server's stop, crash and start`() async throws {
        let lab = lab
        let app = freshName("app")
        try await withDirectory { state in
            let hosts = ["lab=\(lab.sshEndpoint)"]
            let before = try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: lab.sshConfig) {
                server in
                try await server.client.define(app)
                _ = try await server.client.run(app)
                return try await startTimes(of: app)
            }
            for signal in [SIGKILL, SIGTERM, SIGKILL] {
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, sshConfig: lab.sshConfig) { server in
                    try await server.client.waitForHost("lab", "connected")
                    #expect(try await Set(server.client.containers().values) == ["R"])
                    server.send(signal)
                    try await eventually("it ended") { !server.isRunning }
                }
            }
            #expect(try await startTimes(of: app) == before)
            #expect(before.count == 1)
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A server that is stopped lets a run finish that is being started`() async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.define(app)
            async let answer = server.client.post("/apps/run/\(app)")
            try await eventually("the run has begun") { try await !containers(of: app).isEmpty }
            server.send(SIGTERM)
            #expect(try await answer.status == 201)
            try await eventually("it ended") { !server.isRunning }
        }
        #expect(try await containers(of: app).map(\.state) == ["running"])
        try await lab.removeContainers(ofApp: app)
    }
}

extension CrashTests {
    private func withState(_ database: Database, _ body: (String, String?) async throws -> Void) async throws {
        try await withDirectory { state in try await database.with { url in try await body(state, url) } }
    }

    private func containers(of app: String) async throws -> [ContainerSummary] {
        try await lab.withEngine { try await $0.containers(labels: ["berth.app=\(app)"]) }
    }

    private func startTimes(of app: String) async throws -> [String] {
        try await lab.withEngine { engine in
            var times: [String] = []
            for container in try await engine.containers(labels: ["berth.app=\(app)"]) {
                times.append(try await engine.container(container.id).state.startedAt)
            }
            return times
        }
    }

    private func expectOneOrNone(_ http: HTTP, _ app: String) async throws {
        let found = try await containers(of: app)
        let listed = try await http.containers()
        #expect(listed.count == 1)
        switch found.count {
        case 0: #expect(listed.values.first == "F")
        case 1:
            #expect(found[0].state == "running")
            #expect(listed.first?.value == "R")
            #expect(found[0].names == ["/" + (listed.first?.key ?? "")])
        default: Issue.record("\(found.count) containers of one run")
        }
    }
}

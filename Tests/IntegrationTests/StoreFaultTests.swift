import DockerEngine
import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

@testable import Berth

/// An unreachable database stops only changes of apps and new runs, and only during the outage.
@Suite(.serialized) struct StoreFaultTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: Outage.allCases)
    func `While the database is unreachable, changes are refused in two seconds, and all else works`(
        outage: Outage
    ) async throws {
        try await PrivateMariaDB.with { database in
            try await withApp(database: database.address) { server, app in
                let http = server.client
                let (ends, stops) = (try await http.run(app), try await http.run(app))
                try await database.whileAway(outage) {
                    try await expectRefusals(server, app)
                    try await expectRefusal(within: .seconds(2)) { try await http.get("/readyz") }
                    try await expectLife(http, ends: ends, stops: stops)
                }
                try await eventually("it is ready before anybody writes") {
                    try await http.get("/readyz").status == 200
                }
                try await eventually("it writes again") {
                    try await http.post("/apps/", ["name": .string(freshName("app")), "image": "busybox"]).status == 201
                }
                try await eventually("all of it is recorded") {
                    try await database.execute("SELECT state FROM \(PrivateMariaDB.database).runs WHERE app = '\(app)'")
                        == ["exited", "exited"]
                }
            }
        }
    }

    @Test func `While another program locks the SQLite file, changes are refused, and all else works`()
        async throws
    {
        try await withApp { server, app in
            let http = server.client
            let (ends, stops) = (try await http.run(app), try await http.run(app))
            let stranger = try SQLiteStranger(path: server.stateDirectory + "/berth.db")
            try await stranger.holdingLock {
                try await expectRefusals(server, app)
                try await expectLife(http, ends: ends, stops: stops)
                try await expectRefusal(within: .seconds(2)) { try await http.get("/readyz") }
                for path in ["/apps", "/apps/\(app)"] { try await expectQuick(path, http) }
            }
            try await http.define(freshName("app"))
            try await eventually("all of it is recorded") {
                try await stranger.texts("SELECT state FROM runs") == ["exited", "exited"]
            }
        }
    }

    /// Every kind of write, and fifty of them concurrently.
    private func expectRefusals(_ server: BerthProcess, _ name: String) async throws {
        let http = server.client
        let memory = server.residentMemory
        let app = "/apps/" + name
        let new: JSONValue = ["name": .string(freshName("app")), "image": "busybox"]
        let change: JSONValue = ["variables": ["A": "1"]]
        let writes: [@Sendable () async throws -> HTTP.Answer] = [
            { try await http.post("/apps/", new) },
            { try await http.post("/v1/apps", new, key: freshName("key")) },
            { try await http.put(app, ["image": "nginx"]) },
            { try await http.patch("/v1" + app, change) },
            { try await http.delete(app + "-unused") },
            { try await http.post("/apps/run/\(name)") },
            { try await http.post("/apps/run/\(name)", key: freshName("key")) },
            { try await http.post("/v1" + app + "/rollback", ["release": 1]) },
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for write in writes { group.addTask { try await expectRefusal(within: .seconds(2), write) } }
            try await group.waitForAll()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { try await expectRefusal(within: .milliseconds(2500), writes[index % 2]) }
            }
            try await group.waitForAll()
        }
        #expect(server.isRunning)
        #expect(server.residentMemory - memory < (32 << 20))
    }

    private func expectRefusal(
        within limit: Duration,
        _ write: @Sendable () async throws -> HTTP.Answer
    ) async throws {
        let refused = try await timed(write)
        #expect(refused.value.status == 503, "\(refused.value.text)")
        #expect(refused.value["code"] == "store_unavailable")
        #expect(refused.value.header("retry-after") != nil)
        #expect(refused.duration < .promised(limit))
    }

    /// A wait for the database is slow each time; a busy machine is not.
    private func expectQuick(_ path: String, _ http: HTTP) async throws {
        var quickest = Duration.timeout
        for _ in 0..<5 {
            let answer = try await timed { try await http.get(path) }
            #expect(answer.value.status == 200)
            quickest = min(quickest, answer.duration)
        }
        #expect(quickest < .milliseconds(500), "\(path)")
    }

    /// Reads come from memory and show current changes; containers are stopped.
    private func expectLife(_ http: HTTP, ends: String, stops: String) async throws {
        for path in ["/apps/containers", "/v1/runs", "/v1/runs/\(ends)", "/v1/hosts", "/healthz"] {
            try await expectQuick(path, http)
        }
        try await runDocker(lab, "kill", ends)
        try await eventually(within: .promised(.seconds(1)), "it is shown") { try await http.containers()[ends] == "F" }
        let stopped = try await timed { try await http.post("/v1/runs/\(stops)/stop") }
        #expect(stopped.value["state"] == "exited")
        #expect(stopped.duration < .promised(.seconds(1)))
        // Longer than the pause before the next attempt to record that.
        try await Task.sleep(for: .milliseconds(1500))
        #expect(try await http.containers() == [ends: "F", stops: "F"])
    }

    @Test func `Hundreds of events during a lock of the SQLite file delay no request, and none is missed`() async throws
    {
        try await withApp { server, app in
            let stranger = try SQLiteStranger(path: server.stateDirectory + "/berth.db")
            try await expectUnnoticed(server, app) { try await stranger.holdingLock($0) }
        }
    }

    @Test func `Hundreds of events during a lock of MariaDB delay no request, and none is missed`() async throws {
        try await PrivateMariaDB.with { database in
            try await withApp(database: database.address) { server, app in
                try await expectUnnoticed(server, app) { try await database.whileAway(.locked, $0) }
            }
        }
    }

    /// - Parameter lock: keeps the database locked while it runs its argument.
    private func expectUnnoticed(
        _ server: BerthProcess,
        _ app: String,
        underLock lock: (_ body: () async throws -> Void) async throws -> Void
    ) async throws {
        let http = server.client
        var names: [String] = []
        for _ in 0..<4 { names.append(try await http.run(app)) }
        let before = try await churn(app)
        try await lock {
            let during = try await churn(app)
            #expect(during < before * 5 + .milliseconds(100), "\(before) → \(during)")
            try await runDocker(lab, "pause", names[0])
            try await runDocker(lab, "kill", names[1])
            let wanted = [names[0]: "paused", names[1]: "exited", names[2]: "running", names[3]: "running"]
            try await eventually(within: .promised(.seconds(1)), "all of it is shown") {
                let states = try await http.runs(of: app).map { ($0["name"].string, $0["state"].string) }
                return Dictionary(uniqueKeysWithValues: states) == wanted
            }
        }
        try await http.define(freshName("app"))
    }

    /// Sends each container of the app 40 signals that it ignores, and each of them is an event.
    ///
    /// - Returns: the median time of the engine for a list meanwhile.
    private func churn(_ app: String) async throws -> Duration {
        let containers = try await lab.containers(ofApp: app).map(\.id)
        return try await lab.withEngine { engine in
            try await withThrowingTaskGroup(of: [Duration].self) { group in
                for container in containers {
                    group.addTask {
                        var durations: [Duration] = []
                        for _ in 0..<40 {
                            try await engine.killContainer(container, signal: "SIGUSR1")
                            durations.append(try await timed { try await engine.containers() }.duration)
                        }
                        return durations
                    }
                }
                let durations = try await group.reduce(into: []) { $0 += $1 }.sorted()
                return durations[durations.count / 2]
            }
        }
    }
}

extension StoreFaultTests {
    /// Calls `body` with a server and an app on it, whose containers are deleted afterwards.
    private func withApp(
        database: String? = nil,
        _ body: @escaping @Sendable (BerthProcess, String) async throws -> Void
    ) async throws {
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], database: database) { server in
            for name in [app, app + "-unused"] { try await server.client.define(name) }
            try await body(server, app)
        }
        try await lab.removeContainers(ofApp: app)
    }
}

import Glibc
import Testing

extension Alone {
    /// A server that dies with observed but unrecorded changes: nothing stays wrong.
    @Suite(.serialized) struct KilledMirrorTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test(arguments: Database.allCases)
        func `A server that is killed repeatedly during events is right after its next start`(
            database: Database
        ) async throws {
            try await withKilledServers(database, times: 3) { server, truth in
                try await Churn.with(truth) { churn in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await churn.shake(rounds: 1) }
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                        server.send(SIGKILL)
                        try await group.waitForAll()
                    }
                }
            }
        }

        @Test func `A change that was shown but not recorded before a crash is shown again after it`() async throws {
            try await withKilledServers(.sqlite, times: 1) { server, truth in
                let stranger = try SQLiteStranger(path: server.stateDirectory + "/berth.db")
                try await stranger.holdingLock {
                    try await Churn.with(truth) { try await $0.scatter() }
                    try await truth.isShown(by: server.client)
                    server.send(SIGKILL)
                    try await eventually("it died") { !server.isRunning }
                }
                let recorded = try await stranger.texts("SELECT DISTINCT state FROM runs")
                #expect(recorded == ["running"])
            }
        }
    }
}

extension Alone.KilledMirrorTests {
    /// Repeatedly starts a server on one state directory, which `body` kills; the last one must show the true state.
    private func withKilledServers(
        _ database: Database,
        times: Int,
        _ body: @escaping @Sendable (BerthProcess, EngineTruth) async throws -> Void
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await withDirectory { state in
            try await database.with { url in
                @Sendable func withServer<Result: Sendable>(
                    _ body: @escaping @Sendable (BerthProcess) async throws -> Result
                ) async throws -> Result {
                    let hosts = ["lab=\(lab.unixEndpoint)"]
                    return try await BerthProcess.with(hosts: hosts, stateDirectory: state, database: url) { server in
                        try await server.client.waitForHost("lab", "connected")
                        return try await body(server)
                    }
                }
                let truth = try await withServer { server in
                    try await server.client.define(app)
                    let names = try await server.client.run(app, count: 6)
                    return try await EngineTruth.ofServer(thatRan: names[0], on: lab.engineSocket)
                }
                for _ in 0..<times { try await withServer { try await body($0, truth) } }
                try await withServer { server in _ = try await truth.isShown(by: server.client) }
            }
        }
        try await lab.removeContainers(ofApp: app)
    }
}

import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

extension Alone {
    /// A database that is locked for 10 s during 1,000 events on a host.
    ///
    /// Watching an engine never waits for a database: the engine is not slowed, reads show the true state meanwhile,
    /// and the database has all of it afterwards.
    @Suite(.serialized) struct StoreHoldTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test func `A lock of SQLite for 10 s during 1,000 events slows neither engine nor reads`() async throws {
            try await withDirectory { state in
                let path = state + "/berth.db"
                try await expectUnnoticed(
                    state: state,
                    database: nil,
                    hold: { body in try await SQLiteStranger(path: path).holdingLock(body) },
                    records: { try await SQLiteStranger(path: path).texts($0) }
                )
            }
        }

        @Test func `A lock of MariaDB for 10 s during 1,000 events slows neither engine nor reads`() async throws {
            try await PrivateMariaDB.with { database in
                try await withDirectory { state in
                    try await expectUnnoticed(
                        state: state,
                        database: database.address,
                        hold: { body in try await database.whileAway(.locked, body) },
                        records: { try await database.execute("USE \(PrivateMariaDB.database); \($0)") }
                    )
                }
            }
        }
    }
}

extension Alone.StoreHoldTests {
    /// - Parameters:
    ///   - hold: keeps the database from being written to while it runs its argument.
    ///   - records: the one column of the rows that a query gives.
    private func expectUnnoticed(
        state: String,
        database: String?,
        hold: @escaping @Sendable (_ body: @Sendable () async throws -> Void) async throws -> Void,
        records: @escaping @Sendable (_ query: String) async throws -> [String]
    ) async throws {
        let app = freshName("app")
        try await PrivateEngine.with { engine in
            let truth = try await withServer(state, engine, database) { server in
                try await server.client.define(app)
                let names = try await server.client.run(app, count: 10)
                return try await EngineTruth.ofServer(thatRan: names[0], on: engine.socket)
            }
            try await Churn.with(truth) { churn in
                let foreign = try await startForeign(engine)
                try await withServer(state, engine, database) { server in
                    let http = server.client
                    try await truth.isShown(by: http)
                    try await hold { try await expectLife(http, truth, churn, beside: foreign) }
                    let shown = try await http.allRuns(on: "lab")
                    let wanted = shown.map { "\($0["name"].string) \($0["state"].string) \($0["exit_code"].int ?? -1)" }
                    try await eventually("all of it is recorded") {
                        try await records(Self.query).sorted() == wanted.sorted()
                    }
                    server.send(SIGKILL)
                    try await eventually("it died") { !server.isRunning }
                }
                try await withServer(state, engine, database) { _ = try await truth.isShown(by: $0.client) }
            }
        }
    }

    private static let query =
        "SELECT REPLACE(REPLACE(REPLACE('{n} {s} {c}', '{n}', name), '{s}', state), '{c}', COALESCE(exit_code, -1)) FROM runs"

    /// 1,000 events in 10 s, and the true state right after them, while the database is still locked.
    private func expectLife(
        _ http: HTTP,
        _ truth: EngineTruth,
        _ churn: Churn,
        beside foreign: ContainerID
    ) async throws {
        let before = churn.events
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.expectQuickReads(http) }
            async let others = signals(foreign, on: truth.socket)
            try await churn.signal(times: 80, apart: .milliseconds(70))
            let (calls, unwatched) = (churn.takeCalls(), try await others)
            #expect(calls.median < unwatched.median * 3 + .milliseconds(20), "\(unwatched.median) → \(calls.median)")
            #expect(calls.most < unwatched.most * 3 + .milliseconds(100), "\(unwatched.most) → \(calls.most)")
            try await churn.shake(rounds: 3)
            try await churn.scatter()
            try await eventually("1,000 events") { churn.events - before >= 1000 }
            try await truth.isShown(by: http, within: .promised(.seconds(2)))
            group.cancelAll()
        }
        try await Task.sleep(until: start + .seconds(10))
    }

    /// A container that is not the server's: a slow reader of the server's events would not slow calls on it.
    private func startForeign(_ engine: PrivateEngine) async throws -> ContainerID {
        let arguments = ["run", "-d", "busybox", "sleep", "999"]
        let text = try await runDocker(socket: engine.socket, arguments)
        guard let id = ContainerID(text) else { throw LabError("no container: \(text)") }
        return id
    }

    /// - Returns: the engine's time for each.
    private func signals(_ container: ContainerID, on socket: String) async throws -> [Duration] {
        try await withEngine(at: socket) { engine in
            var durations: [Duration] = []
            for _ in 0..<60 {
                durations.append(
                    try await timed { try await engine.killContainer(container, signal: "SIGUSR1") }.duration
                )
                try await Task.sleep(for: .milliseconds(70))
            }
            return durations
        }
    }

    private func expectQuickReads(_ http: HTTP) async throws {
        var (reads, others): ([Duration], [Duration]) = ([], [])
        while !Task.isCancelled {
            others.append(try await timed { try await http.get("/healthz") }.duration)
            let answer = try await timed { try await http.get("/v1/runs") }
            #expect(answer.value.status == 200)
            reads.append(answer.duration)
            try? await Task.sleep(for: .milliseconds(100))
        }
        #expect(reads.count > 20)
        #expect(reads.most < .milliseconds(500) + others.most * 3, "\(others.most) → \(reads.most)")
    }

    private func withServer<Result: Sendable>(
        _ state: String,
        _ engine: PrivateEngine,
        _ database: String?,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Result
    ) async throws -> Result {
        let hosts = ["lab=unix://\(engine.socket)"]
        return try await BerthProcess.with(hosts: hosts, stateDirectory: state, database: database) { server in
            try await server.client.waitForHost("lab", "connected")
            return try await body(server)
        }
    }
}

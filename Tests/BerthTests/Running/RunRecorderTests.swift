import DockerEngine
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct RunRecorderTests {
    private let store: Store
    private let run: Run
    private let runs: RunCache
    private let recorder: RunRecorder
    private let log = CountingLog()

    init() async throws {
        store = try await .inMemory()
        _ = try await store.createApp(AppName("web"), .example(), at: .noon)
        run = try #require(try await store.recordIntent(of: AppName("web"), on: HostName("local"), at: .noon)).run
        runs = RunCache([run])
        let logger = Logger(label: "test") { [log] _ in log }
        recorder = RunRecorder(runs: runs, store: store, logger: logger)
    }

    private func states() async throws -> [RunState] { try await store.runs().map(\.state) }

    private func fail(_ reason: String) { runs.update(run.id) { $0.failed(because: reason, at: .later) } }

    @Test func `Changes in memory are written to the store`() async throws {
        try await withTask {
            try await recorder.run()
        } during: {
            fail("x")
            try await eventually("it is recorded") { try await states() == [.failed] }
        }
    }

    @Test func `A change from before the recorder's start is recorded`() async throws {
        fail("x")
        try await withTask {
            try await recorder.run()
        } during: {
            try await eventually("it is recorded") { try await states() == [.failed] }
        }
    }

    @Test func `A change that the store refuses at first is recorded later`() async throws {
        try await store.database.write { connection in
            try connection.run(
                "CREATE TRIGGER refusal BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'not now'); END",
                []
            )
        }
        try await withTask {
            try await recorder.run()
        } during: {
            fail("first")
            try await eventually("the refusal is logged") { log.count > 0 }
            fail("second")
            try await store.database.write { try $0.run("DROP TRIGGER refusal", []) }
            try await eventually("it is recorded") { try await store.runs().map(\.reason) == ["second"] }
        }
    }

    @Test func `The last changes are recorded when the server stops`() async throws {
        let group = ServiceGroup(services: [recorder], logger: recorder.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            fail("x")
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(try await states() == [.failed])
    }
}

/// Counts log messages.
private struct CountingLog: LogHandler {
    private final class Events: Sendable {
        let count = Mutex(0)
    }

    private let events = Events()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    var count: Int { events.count.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { events.count.withLock { $0 += 1 } }
}

import BerthAPI
import DockerEngine

/// Reads the event streams of the engine and the server during a measurement.
struct EndWatch: Sendable {
    let times: EndTimes
    private let server: APIEvents
    private let engine: EngineStream<JSONLines<EngineEvent>>

    /// Post-condition: every end from now on is recorded.
    init(of app: BenchApp, on engine: Engine) async throws {
        times = EndTimes()
        server = try await app.client.events(ofApp: app.name)
        self.engine = try await engine.events(types: ["container"], labels: ["berth.app=\(app.name)"])
    }

    /// Runs `body` while the streams are read.
    ///
    /// - Throws: the errors of `body`, and `BenchError` when a stream ends before it.
    func reading<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await readServer()
                return nil
            }
            group.addTask {
                try await readEngine()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else {
                throw BenchError("an event stream ended during the measurement")
            }
            return result
        }
    }

    private func readServer() async throws {
        for try await event in server where event.name == "run" {
            let now = ContinuousClock.now
            guard case .run(let run) = try event.content(), run.status == "F", let container = run.containerID else {
                continue
            }
            times.record(container, by: .server, at: now)
        }
    }

    private func readEngine() async throws {
        for try await event in engine where event.action == "die" { times.record(event.actor.id, by: .engine) }
    }
}

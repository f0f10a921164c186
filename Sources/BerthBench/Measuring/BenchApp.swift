import BerthAPI
import JSON

/// The app that is run through Berth.
struct BenchApp: Sendable {
    let client: APIClient
    let name: String

    /// A run that was started, and how long its start took.
    struct Run: Sendable {
        let name: String
        let container: String
        let took: Duration
        let times: LayerTimes
    }

    /// Includes the time to pull the image at the first run.
    private static let runDeadline = Duration.seconds(1800)

    func define(_ order: BenchOptions, on host: String) async throws {
        let definition: JSONValue = [
            "name": .string(name), "image": .string(order.image), "command": JSONValue(order.command),
            "host": .string(host),
        ]
        _ = try await client.call(.createApp, body: definition)
    }

    /// Starts one run, timed from the call until the server reports the start.
    func run() async throws -> Run {
        let clock = ContinuousClock()
        let start = clock.now
        let answer = try await client.call(.startRuns, ["app": name], deadline: Self.runDeadline)
        let took = clock.now - start
        guard let times = answer.times else { throw APIError.unexpected("a run has no Server-Timing") }
        guard let run = answer.value.items.first, let container = run.containerID else {
            throw APIError.unexpected("a run has no container")
        }
        return Run(name: run.name, container: container, took: took, times: times)
    }

    /// Kills a run through Berth; not an error if it has already ended.
    func kill(_ run: Run) async throws {
        _ = try await client.call(.act("kill"), ["run": run.name])
    }

    func remove(_ run: Run) async throws {
        _ = try await client.call(.removeRun, ["run": run.name], query: ["force": "true"])
    }
}

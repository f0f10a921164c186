import DockerEngine
import Testing

@testable import Berth

extension ContainerID {
    static let example = ContainerID(String(repeating: "a", count: 64))
}

extension RouterClient {
    /// Records a run of the app, as if it had been started.
    func record(
        _ app: String,
        _ state: RunState,
        container: ContainerID? = .example,
        on host: String = "local",
        at time: Timestamp = .now()
    ) async throws -> Run {
        let intents = try await platform.store.recordIntents(
            of: try await platform.apps.get(AppName(app)),
            items: [0],
            on: HostName(host),
            wasQueued: false,
            by: Caller(.local),
            at: time
        )
        var run = try #require(intents?.first).run
        run.state = state
        run.containerID = container
        platform.runs.add(run, observedAt: .now())
        return run
    }
}

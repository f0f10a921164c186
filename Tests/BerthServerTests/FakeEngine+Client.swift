import FakeEngine
import TestSupport
import Testing

@testable import Berth

/// Runs `body` with the routes on a connected simulated engine.
func withFakeEngine(
    _ behavior: FakeEngineBehavior = FakeEngineBehavior(),
    hasAuthentication: Bool = false,
    exportsSpans: Bool = false,
    _ body: (RouterClient, FakeEngine) async throws -> Void
) async throws {
    try await withTemporaryDirectory { directory in
        try await FakeEngine.with(behavior, at: directory + "/docker.sock") { engine in
            let client = try await RouterClient(
                engine: engine.endpoint,
                hasAuthentication: hasAuthentication,
                exportsSpans: exportsSpans
            )
            let host = client.platform.hosts.all[0]
            try await withTask {
                try await client.platform.hosts.run()
            } during: {
                try await eventually("the host is connected") { host.status.state == .connected }
                try await body(client, engine)
            }
        }
    }
}

import DockerEngine
import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite struct HostNetworksTests {
    @Test func `A container that needs a network during its removal is created afterwards, in a new one`()
        async throws
    {
        try await withEngine(latency: .milliseconds(100)) { engine in
            let networks = HostNetworks()
            try await networks.with("shop", on: engine, instance: "i") {}
            async let removal: Void = networks.removeUnused(on: engine, instance: "i")
            // During the second of its three requests.
            try await Task.sleep(for: .milliseconds(150))
            let cancelled = Task {
                try await networks.with("shop", on: engine, instance: "i") { Issue.record("it was cancelled") }
            }
            cancelled.cancel()
            let found = try await networks.with("shop", on: engine, instance: "i") {
                try await engine.networks(labels: []).map(\.name)
            }
            #expect(found == ["shop"])
            await #expect(throws: (any Error).self) { try await cancelled.value }
            try await removal
            try await networks.removeUnused(on: engine, instance: "i")
            #expect(try await engine.networks(labels: []).isEmpty)
        }
    }

    private func withEngine(
        latency: Duration,
        _ body: @escaping @Sendable (Engine) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await FakeEngine.with(FakeEngineBehavior(latency: latency), at: directory + "/d.sock") { fake in
                try await EngineTransport.withUnixSocket(fake.socket) { try await body(Engine.negotiated(over: $0)) }
            }
        }
    }
}

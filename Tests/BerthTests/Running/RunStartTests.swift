import DockerEngine
import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct RunStartTests {
    /// A recorded, locked run and the object that starts it.
    private func start(_ fake: FakePlatform) async throws -> RunStart {
        let app = try await fake.platform.apps.create(AppName("web"), .example(), by: .tester)
        let intent = try #require(
            try await fake.platform.store.recordIntents(
                of: app,
                items: [0],
                on: fake.host.name,
                wasQueued: false,
                by: .tester,
                at: .now()
            )?.first
        )
        fake.runs.addLocked(intent.run)
        return RunStart(
            intent: intent,
            host: fake.host,
            engine: try await fake.host.connectedEngine(),
            runner: fake.runner
        )
    }

    @Test func `A missing image is pulled, then the container is created and started`() async throws {
        var behavior = FakeEngineBehavior()
        behavior.hasImages = false
        try await FakePlatform.with(behavior) { fake in
            let outcome = try await start(fake).begin()
            #expect(outcome.run.state == .running)
            #expect(try await fake.engine.pulls == 1)
        }
    }

    @Test func `A refused start fails with the engine's reason, is recorded, and leaves no container`()
        async throws
    {
        try await FakePlatform.with(FakeEngineBehavior { _ in true }) { fake in
            let outcome = try await start(fake).begin()
            #expect(outcome.run.state == .failed)
            #expect(outcome.run.reason == "no such runtime")
            #expect(try await fake.platform.store.runs().map(\.reason) == ["no such runtime"])
            #expect(try await fake.engine.containers.isEmpty)
        }
    }

    @Test func `A run that an earlier attempt started is not started again`() async throws {
        try await FakePlatform.with { fake in
            let start = try await start(fake)
            let first = try await start.begin()
            let second = try await start.resume()
            #expect(second.run.containerID == first.run.containerID)
            #expect(second.error == nil)
            #expect(try await fake.engine.creations == 1)
        }
    }

    @Test func `A cancelled start ends before its next step and leaves no container`() async throws {
        try await FakePlatform.with { fake in
            let start = try await start(fake)
            #expect(fake.runs.cancelStarts([start.intent.run.id]) == [start.intent.run.id])
            let outcome = try await start.begin()
            #expect(outcome.error == .runStartCancelled(start.intent.run.name))
            #expect(outcome.run.state == .failed)
            #expect(try await fake.engine.containers.isEmpty)
        }
    }
}

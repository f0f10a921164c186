import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct RetentionTests {
    @Test func `Finished containers are removed after their time, then their records; running ones stay`()
        async throws
    {
        try await FakePlatform.with { fake in
            let runs = try await fake.start(count: 3)
            for run in runs.prefix(2) { _ = try await fake.runner.perform(.stop, on: run.name) }
            let policy = RetentionPolicy(keepFinished: .seconds(100))
            let retention = Retention(policy: policy, runner: fake.runner, logger: fake.runner.logger)
            let now = Timestamp.now()
            await retention.sweep(now: now)
            #expect(try await fake.engine.containers.count == 3)
            await retention.sweep(now: now.before(.seconds(-110)))
            #expect(try await fake.engine.containers.map(\.name) == ["\(runs[2].name)"])
            #expect(fake.state(of: runs[0]) == .removed)
            #expect(try await fake.platform.store.runs().count == 3)
            await retention.sweep(now: now.before(.seconds(-210)))
            #expect(try await fake.platform.store.runs().map(\.id) == [runs[2].id])
            #expect(fake.runs.all().map(\.id) == [runs[2].id])
            #expect(fake.state(of: runs[2]) == .running)
        }
    }
}

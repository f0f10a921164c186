import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct HostMirrorTests {
    @Test func `The end of a container is shown from its event, long before the next full list`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            fake.runner.unlock(run)
            let start = ContinuousClock.now
            try await fake.engine.end("\(run.name)", exitCode: 3)
            try await eventually("it has ended") { fake.state(of: run) == .exited }
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(fake.runs.entry(run.id)?.run.exitCode == 3)
            try await eventually("the event is counted") { fake.host.status.mirror.events > 0 }
        }
    }

    @Test func `A container that another client removes is shown as removed`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            try await fake.engine.remove("\(run.name)")
            try await eventually("it is gone") { fake.state(of: run)?.status == .finished }
        }
    }

    @Test func `A locked run is not reconciled until its lock is released`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            let lock = try #require(fake.runs.lock([run.id]).first)
            try await fake.engine.end("\(run.name)", exitCode: 0)
            try await eventually("the event has come") {
                fake.runs.entry(run.id)?.lastEnd != nil || fake.host.status.mirror.events > 2
            }
            #expect(fake.state(of: run) == .running)
            fake.runner.unlock(lock)
            try await eventually("it is looked at again") { fake.state(of: run) == .exited }
        }
    }

    @Test func `Changes whose events got lost are shown after the next connect`() async throws {
        try await FakePlatform.with { fake in
            let runs = try await fake.start(count: 3)
            try await eventually("what the start left is looked at") {
                fake.host.reconcileQueue.count == 0 && fake.host.status.mirror.events >= 6
                    && runs.allSatisfy { fake.runs.entry($0.id)?.observedAt != nil }
            }
            var deaf = FakeEngineBehavior()
            deaf.losesEvents = true
            try await fake.engine.set(deaf)
            try await fake.engine.end("\(runs[0].name)", exitCode: 1)
            try await fake.engine.remove("\(runs[1].name)")
            try await fake.engine.set(FakeEngineBehavior())
            let start = ContinuousClock.now
            try await fake.engine.disconnectAll()
            try await eventually("both are shown") {
                fake.state(of: runs[0]) == .exited && fake.state(of: runs[1])?.status == .finished
            }
            // Sooner than the next full list would show it.
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(fake.state(of: runs[2]) == .running)
        }
    }
}

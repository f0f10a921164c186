import DockerEngine
import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct RunnerTests {
    @Test func `Each requested container is started once, with the labels of its run`() async throws {
        try await FakePlatform.with { fake in
            let runs = try await fake.start(count: 20)
            #expect(runs.count == 20)
            #expect(runs.allSatisfy { $0.state == .running })
            let containers = try await fake.engine.containers
            #expect(Set(containers.map(\.name)) == Set(runs.map { "\($0.name)" }))
            #expect(Set(containers.compactMap { $0.labels["berth.run"] }) == Set(runs.map { "\($0.id)" }))
            #expect(try await fake.platform.store.runs().allSatisfy { $0.state == .running })
        }
    }

    @Test func `If some starts are refused, each outcome says so; if all are, the error is thrown`() async throws {
        try await FakePlatform.with(FakeEngineBehavior { $0 == 2 || $0 > 4 }) { fake in
            let name = try AppName("web")
            _ = try await fake.platform.apps.create(name, .example(), by: .tester)
            let outcomes = try await fake.runner.start(RunRequest(app: name, count: 4), by: .tester)
            #expect(outcomes.filter { $0.error != nil }.count == 1)
            #expect(outcomes.filter { $0.run.state == .failed }.count == 1)
            let error = await #expect(throws: BerthError.self) {
                try await fake.runner.start(RunRequest(app: name), by: .tester)
            }
            guard case .engine(.status(400, _), _, .start) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `A repeated request starts only the runs that its earlier attempt did not`() async throws {
        try await FakePlatform.with(FakeEngineBehavior { $0 == 2 }) { fake in
            let request = RunRequest(app: try AppName("web"), count: 3)
            _ = try await fake.platform.apps.create(request.app, .example(), by: .tester)
            let first = try await fake.runner.start(request, by: .example("one"))
            let started = first.filter { $0.error == nil }.map(\.run.id)
            #expect(started.count == 2)
            let second = try await fake.runner.start(request, by: .example("one", isRepeated: true))
            #expect(second.allSatisfy { $0.error == nil })
            #expect(Set(started).isSubset(of: second.map(\.run.id)))
            #expect(try await fake.engine.containers.count == 3)
            #expect(try await fake.engine.creations == 4)
        }
    }

    @Test func `Actions bring a run into their states, and impossible actions say why`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            for (action, state) in [
                (RunAction.pause, RunState.paused), (.unpause, .running), (.stop, .exited), (.stop, .exited),
                (.start, .running), (.kill, .exited),
            ] {
                #expect(try await fake.runner.perform(action, on: run.name).state == state, "\(action)")
            }
            await #expect(throws: BerthError.runCannot(run.name, .pause, reason: "It has ended; start it first.")) {
                try await fake.runner.perform(.pause, on: run.name)
            }
        }
    }

    @Test func `A running run is removed only by force, and its record stays`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            await #expect(throws: BerthError.runRuns(run.name)) {
                try await fake.runner.remove(run.name, force: false)
            }
            #expect(try await fake.runner.remove(run.name, force: true).state == .removed)
            #expect(try await fake.engine.containers.isEmpty)
            #expect(fake.state(of: run) == .removed)
        }
    }

    @Test func `Nothing is recorded while the host is not connected`() async throws {
        try await FakePlatform.with { fake in
            var behavior = FakeEngineBehavior()
            behavior.isSilent = true
            try await fake.engine.set(behavior)
            try await fake.engine.disconnectAll()
            try await eventually("the host is away") { fake.host.status.state != .connected }
            let error = await #expect(throws: BerthError.self) { try await fake.start() }
            guard case .hostNotConnected = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await fake.platform.store.runs().isEmpty)
        }
    }

    @Test func `A run that is deleted while its container is created has failed and leaves no container`() async throws
    {
        try await FakePlatform.with(FakeEngineBehavior(latency: .milliseconds(300))) { fake in
            let name = try AppName("web")
            _ = try await fake.platform.apps.create(name, .example(), by: .tester)
            async let started = fake.runner.start(RunRequest(app: name), by: .tester)
            try await eventually("it is being created") { fake.runs.all().first?.state == .starting }
            let run = try #require(fake.runs.all().first)
            let removed = try await fake.runner.remove(run.name, force: true)
            #expect(removed.state == .failed)
            #expect(removed.reason == "It was stopped before it was started.")
            #expect(removed.containerID == nil)
            #expect(try await fake.engine.containers.isEmpty)
            do {
                _ = try await started
                Issue.record("it was started")
            } catch let error as BerthError {
                #expect(error == .runStartCancelled(run.name))
            }
        }
    }

    @Test func `A request that is cancelled leaves no run locked`() async throws {
        try await FakePlatform.with(FakeEngineBehavior(actionDelay: .milliseconds(300))) { fake in
            let name = try AppName("web")
            _ = try await fake.platform.apps.create(name, .example(), by: .tester)
            let runner = fake.runner
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await runner.start(RunRequest(app: name, count: 20), by: .tester) }
                try await eventually("some are created") { try await fake.engine.creations > 0 }
                group.cancelAll()
                while let result = await group.nextResult() { _ = result }
            }
            let runs = fake.runs.all()
            #expect(runs.count == 20)
            #expect(runs.allSatisfy { fake.runs.entry($0.id)?.isLocked == false })
        }
    }
}

import DockerEngine
import FakeEngine
import JSON
import TestSupport
import Testing

@testable import Berth

/// Starts of runs under a policy, on a simulated engine.
@Suite(.timeLimit(.minutes(5))) struct PolicyRunsTests {
    private let web: AppName

    init() throws { web = try AppName("web") }

    private func set(_ policy: JSONValue, in fake: FakePlatform) async throws {
        try await fake.platform.policies.replace(with: Policy(policy), by: .tester)
    }

    /// Expects `body` to be denied because of these rules.
    private func expectDenial(
        _ rules: String...,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> some Sendable
    ) async {
        let error = await #expect(throws: BerthError.self, sourceLocation: sourceLocation) { _ = try await body() }
        guard case .policyDenied(let denial) = error else {
            Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
            return
        }
        #expect(denial.violations.map(\.rule) == rules, sourceLocation: sourceLocation)
    }

    private func live(_ fake: FakePlatform) -> Int { fake.runs.runs(of: web).count { $0.state.status == .running } }

    private func start(_ fake: FakePlatform, count: Int = 1) async throws -> [Run] {
        try await fake.runner.start(RunRequest(app: web, count: count), by: .tester).map(\.run)
    }

    @Test func `A new container gets the policy's defaults`() async throws {
        try await FakePlatform.with { fake in
            _ = try await fake.start()
            let container = try #require(try await fake.engine.containers.first)
            #expect(container.securityOptions == ["no-new-privileges"])
            #expect(container.pidsLimit == 4096)
            #expect(container.logDriver == "json-file")
            #expect(container.logOptions == ["max-size": "10485760", "max-file": "3"])
            try await set(
                ["containers": ["no_new_privileges": false, "pids_limit": 9, "log_max_bytes": nil]],
                in: fake
            )
            let other = try await start(fake)[0]
            let found = try await fake.engine.containers
            let changed = try #require(found.first { $0.name == "\(other.name)" })
            #expect(changed.securityOptions == nil)
            #expect(changed.pidsLimit == 9)
            #expect(changed.logDriver == nil)
        }
    }

    @Test func `An engine that does not report its log driver gets no log options`() async throws {
        var behavior = FakeEngineBehavior()
        behavior.logDriver = nil
        try await FakePlatform.with(behavior) { fake in
            _ = try await fake.start()
            #expect(try await fake.engine.containers.map(\.logDriver) == [nil])
        }
    }

    @Test func `Concurrent starts never exceed the limit of live runs, and use it up`() async throws {
        try await FakePlatform.with(FakeEngineBehavior(actionDelay: .milliseconds(5))) { fake in
            _ = try await fake.platform.apps.create(web, .example(), by: .tester)
            try await set(["max_runs_per_app": 7], in: fake)
            let (runner, web) = (fake.runner, web)
            let started = await withTaskGroup(of: Int.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        do {
                            guard number.isMultiple(of: 3) else {
                                return try await runner.start(RunRequest(app: web), by: .tester).count
                            }
                            return try await runner.enqueue(RunRequest(app: web), by: .tester).count
                        } catch {
                            return 0
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(started == 7)
            #expect(live(fake) == 7)
            #expect(try await fake.platform.store.runs().count == 7)
            await expectDenial("max_runs_per_app") { try await start(fake) }
        }
    }

    @Test func `A request for more runs than there is room for starts none`() async throws {
        try await FakePlatform.with { fake in
            _ = try await fake.platform.apps.create(web, .example(), by: .tester)
            try await set(["max_runs_per_app": 5], in: fake)
            #expect(try await start(fake, count: 3).count == 3)
            await expectDenial("max_runs_per_app") { try await start(fake, count: 3) }
            #expect(try await fake.engine.creations == 3)
            #expect(try await start(fake, count: 2).count == 2)
            // Another app has its own room.
            #expect(try await fake.start("other", count: 5).count == 5)
        }
    }

    @Test func `A run that ends or fails leaves its room to another`() async throws {
        try await FakePlatform.with(FakeEngineBehavior { $0 == 2 }) { fake in
            try await set(["max_runs_per_app": 1], in: fake)
            let first = try await fake.start()[0]
            _ = try await fake.runner.perform(.stop, on: first.name)
            // The engine refuses this one.
            await #expect(throws: BerthError.self) { try await start(fake) }
            let second = try await start(fake)[0]
            _ = try await fake.runner.remove(second.name, force: true)
            #expect(try await start(fake).count == 1)
        }
    }

    @Test func `Queued runs count, also before they are started`() async throws {
        try await FakePlatform.with { fake in
            _ = try await fake.platform.apps.create(web, .example(), by: .tester)
            try await set(["max_runs_per_app": 2], in: fake)
            let request = RunRequest(app: web, count: 2)
            #expect(try await fake.runner.enqueue(request, by: .tester).count == 2)
            await expectDenial("max_runs_per_app") { try await start(fake) }
            await expectDenial("max_runs_per_app") { try await fake.runner.enqueue(RunRequest(app: web), by: .tester) }
        }
    }

    @Test(arguments: [RunAction.start, .restart])
    func `A stopped run that is started again needs room, and gets it back if that fails`(
        action: RunAction
    ) async throws {
        try await FakePlatform.with { fake in
            try await set(["max_runs_per_app": 1], in: fake)
            let first = try await fake.start()[0]
            // A running run is live already.
            #expect(try await fake.runner.perform(.restart, on: first.name).state == .running)
            _ = try await fake.runner.perform(.stop, on: first.name)
            let second = try await start(fake)[0]
            await expectDenial("max_runs_per_app") { try await fake.runner.perform(action, on: first.name) }
            #expect(fake.state(of: first) == .exited)
            _ = try await fake.runner.perform(.stop, on: second.name)
            #expect(try await fake.runner.perform(action, on: first.name).state == .running)
            await expectDenial("max_runs_per_app") { try await start(fake) }
            _ = try await fake.runner.perform(.stop, on: first.name)
            try await fake.engine.remove("\(second.name)")
            // Its container is gone, so this fails.
            await #expect(throws: BerthError.self) { try await fake.runner.perform(action, on: second.name) }
            #expect(try await start(fake).count == 1)
        }
    }

    @Test func `Concurrent starts of stopped and new runs never exceed the limit`() async throws {
        try await FakePlatform.with(FakeEngineBehavior(actionDelay: .milliseconds(5))) { fake in
            let stopped = try await fake.start(count: 8)
            for run in stopped { _ = try await fake.runner.perform(.stop, on: run.name) }
            try await set(["max_runs_per_app": 5], in: fake)
            let (runner, web) = (fake.runner, web)
            await withTaskGroup(of: Void.self) { group in
                for run in stopped {
                    group.addTask { _ = try? await runner.perform(.start, on: run.name) }
                    group.addTask { _ = try? await runner.start(RunRequest(app: web), by: .tester) }
                }
            }
            #expect(live(fake) == 5)
            #expect(try await fake.engine.containers.count { $0.state == "running" } == 5)
        }
    }

    @Test func `A stopped container that the policy no longer allows is not started again`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            try await set(["images": ["reg.example/*"], "max_memory_bytes": "64m", "max_pids": 4095], in: fake)
            // Running containers go on.
            #expect(try await fake.runner.perform(.restart, on: run.name).state == .running)
            _ = try await fake.runner.perform(.stop, on: run.name)
            await expectDenial("images", "max_memory_bytes", "max_pids") {
                try await fake.runner.perform(.start, on: run.name)
            }
            try await set(["max_pids": 4096], in: fake)
            #expect(try await fake.runner.perform(.start, on: run.name).state == .running)
        }
    }

    @Test func `A queued run that the policy denies meanwhile fails with the reason, and gets no container`()
        async throws
    {
        try await FakePlatform.with { fake in
            _ = try await fake.platform.apps.create(web, .example(), by: .tester)
            let run = try await fake.runner.enqueue(RunRequest(app: web), by: .tester)[0]
            try await set(["images": ["reg.example/*"]], in: fake)
            try await startQueued(fake)
            let failed = try #require(fake.runs.entry(run.id)?.run)
            #expect(failed.state == .failed)
            #expect(failed.reason?.hasPrefix("The policy does not allow this. images: docker.io/library/nginx") == true)
            #expect(try await fake.engine.creations == 0)
            #expect(try await fake.platform.store.runs().map(\.state) == [.failed])
        }
    }

    @Test func `A queued run whose container was created already is removed when it is denied`() async throws {
        try await FakePlatform.with { fake in
            _ = try await fake.platform.apps.create(web, .example(), by: .tester)
            let run = try await fake.runner.enqueue(RunRequest(app: web), by: .tester)[0]
            let engine = try await fake.host.connectedEngine()
            let spec = ContainerSpec(
                of: run,
                settings: try .example(),
                policy: Policy(),
                logDriver: nil,
                instance: fake.platform.store.instance
            )
            _ = try await engine.createContainer(named: "\(run.name)", from: spec)
            try await set(["max_cpus": 1], in: fake)
            try await startQueued(fake)
            #expect(fake.state(of: run) == .failed)
            #expect(try await fake.engine.containers.isEmpty)
        }
    }

    @Test func `If a lower limit leaves room for some queued runs, the oldest are started`() async throws {
        try await FakePlatform.with { fake in
            _ = try await fake.platform.apps.create(web, .example(), by: .tester)
            let runs = try await fake.runner.enqueue(RunRequest(app: web, count: 4), by: .tester)
            try await set(["max_runs_per_app": 2], in: fake)
            try await startQueued(fake)
            #expect(live(fake) == 2)
            let sorted = runs.sorted { RunPosition(of: $0) < RunPosition(of: $1) }
            #expect(sorted.map(fake.state) == [.running, .running, .failed, .failed])
        }
    }

    private func startQueued(_ fake: FakePlatform) async throws {
        let service = QueuedRuns(runner: fake.runner)
        try await withTask {
            try await service.run()
        } during: {
            try await eventually("all are decided") {
                fake.runs.runs(of: web).allSatisfy {
                    !$0.state.isBeingStarted && fake.runs.entry($0.id)?.isLocked == false
                }
            }
        }
    }

    @Test func `A policy is in force at once, and after a restart`() async throws {
        let store = try await Store.inMemory()
        let policies = try await Policies(store: store)
        #expect(policies.current == Policy())
        let policy = try Policy(["max_runs_per_app": 3])
        try await policies.replace(with: policy, by: .tester)
        #expect(policies.current == policy)
        #expect(try await Policies(store: store).current == policy)
    }

    @Test func `Of concurrent changes, the one that is stored last is in force`() async throws {
        let store = try await Store.inMemory()
        let policies = try await Policies(store: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await policies.replace(with: Policy(["max_pids": JSONValue(number + 1)]), by: .tester)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.policy() == policies.current)
    }
}

import DockerEngine
import Synchronization
import Testing

@testable import Berth

@Suite struct RunCacheTests {
    private let id: ContainerID
    private let run: Run
    private let runs: RunCache

    init() throws {
        id = try .example()
        run = try .example(state: .running, container: id)
        runs = RunCache([run])
    }

    private func reconcile(_ revision: Int, _ status: String?) throws -> RunCache.Reconciled {
        let found = try status.map { status in try Observation.example(status, id: id) }
        return runs.reconcile(run.id, revision: revision, found: found, now: .later)
    }

    private func isOutdated(_ settled: RunCache.Reconciled) -> Bool {
        if case .outdated = settled { true } else { false }
    }

    @Test func `Runs are listed oldest first, and found by app and host`() throws {
        let old = try Run.example("old", app: "db", state: .exited)
        let runs = RunCache([run, old])
        #expect(runs.all().map(\.id.description) == ["old", "run1"])
        #expect(runs.runs(of: try AppName("db")).map(\.id) == [old.id])
        #expect(runs.entries(on: try HostName("local")).count == 2)
        #expect(runs.entries(on: try HostName("other")).isEmpty)
        let counts = runs.counts(on: try HostName("local"))
        #expect(counts == (running: 1, finished: 1))
    }

    @Test func `The engine's report replaces the cached state and is queued for recording`() throws {
        _ = try reconcile(0, "exited")
        #expect(runs.entry(run.id)?.run.state == .exited)
        #expect(runs.entry(run.id)?.revision == 1)
        #expect(runs.takeUnrecorded().map(\.state) == [.exited])
        #expect(runs.takeUnrecorded().isEmpty)
    }

    @Test func `A report from before the run's last change is outdated and changes nothing`() throws {
        runs.update(run.id) { $0 }
        #expect(isOutdated(try reconcile(0, "exited")))
        #expect(runs.entry(run.id)?.run.state == .running)
        #expect(!isOutdated(try reconcile(1, "exited")))
        #expect(runs.entry(run.id)?.run.state == .exited)
    }

    @Test func `A locked run is not reconciled, and a report from that time is outdated afterwards`() throws {
        #expect(runs.lock([run.id]).map(\.id) == [run.id])
        #expect(!isOutdated(try reconcile(0, nil)))
        #expect(runs.entry(run.id)?.run.state == .running)
        runs.unlock(run.id)
        #expect(isOutdated(try reconcile(0, nil)))
        #expect(runs.entry(run.id)?.run.state == .running)
        #expect(!isOutdated(try reconcile(1, nil)))
        #expect(runs.entry(run.id)?.run.state == .lost)
    }

    @Test func `Room for a run that is started again is returned once it runs, or when it is unlocked`() throws {
        let stopped = try Run.example("run2", state: .exited, container: .example("b"))
        let runs = RunCache([run, stopped])
        for ends in [RunState.exited, .running] {
            #expect(runs.lock([stopped.id]).count == 1)
            #expect(runs.reserveAgain(stopped.id, limit: 1) == 2)
            #expect(runs.reserveAgain(stopped.id, limit: 2) == nil)
            #expect(runs.reserve(1, of: run.app, limit: 2) == 3)
            runs.update(stopped.id) { run in
                var run = run
                run.state = ends
                return run
            }
            #expect(runs.reserve(1, of: run.app, limit: 2) == 3)
            runs.unlock(stopped.id)
        }
        #expect(runs.reserve(1, of: run.app, limit: 2) == 3)
        #expect(runs.reserve(1, of: run.app, limit: 3) == nil)
        runs.returnRoom(1, of: run.app)
        runs.remove([stopped.id])
        #expect(runs.reserve(1, of: run.app, limit: 2) == nil)
    }

    @Test func `A locked or removed run cannot be locked`() throws {
        let other = try Run.example("run2")
        let started = try Run.example("run3")
        runs.addLocked(started)
        #expect(runs.lock([run.id, other.id, started.id]).map(\.id) == [run.id])
        #expect(runs.lock([run.id]).isEmpty)
        runs.unlock(run.id)
        #expect(runs.lock([run.id]).count == 1)
        runs.unlock(started.id)
        #expect(runs.lock([started.id]).count == 1)
    }

    @Test func `Exactly one of many concurrent attempts to lock a run succeeds`() async {
        let (runs, run) = (runs, run)
        let owners = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { runs.lock([run.id]).count } }
            return await group.reduce(0, +)
        }
        #expect(owners == 1)
    }

    @Test func `A change that the caller recorded is not recorded again`() throws {
        runs.update(run.id, callerRecords: true) { $0.failed(because: "x", at: .later) }
        #expect(runs.takeUnrecorded().isEmpty)
        #expect(runs.entry(run.id)?.revision == 1)
    }

    @Test func `A container to be removed is reported, and the run does not change until the removal`() throws {
        let pending = try Run.example(state: .starting, container: id)
        let runs = RunCache([pending])
        let found = try Observation.example("created", id: id)
        guard case .removal(let failed) = runs.reconcile(pending.id, revision: 0, found: found, now: .later) else {
            Issue.record("nothing is to be removed")
            return
        }
        #expect(failed.state == .failed)
        #expect(runs.entry(pending.id)?.run.state == .starting)
        #expect(runs.takeUnrecorded().isEmpty)
    }

    @Test func `A run that could not be recorded is taken again in its newest state`() throws {
        runs.update(run.id) { $0 }
        let taken = runs.takeUnrecorded()
        runs.update(run.id, callerRecords: true) { $0.failed(because: "x", at: .later) }
        runs.returnUnrecorded(taken)
        #expect(runs.takeUnrecorded().map(\.state) == [.failed])
    }

    @Test func `A removed run is not changed, reconciled or recorded`() throws {
        runs.update(run.id) { $0 }
        let taken = runs.takeUnrecorded()
        runs.update(run.id) { $0 }
        runs.remove([run.id])
        runs.returnUnrecorded(taken)
        #expect(runs.takeUnrecorded().isEmpty)
        #expect(runs.update(run.id) { $0 } == nil)
        #expect(!isOutdated(try reconcile(5, "exited")))
        #expect(runs.all().isEmpty)
        runs.unlock(run.id)
        #expect(runs.entry(run.id) == nil)
    }

    @Test(.timeLimit(.minutes(5))) func `A change wakes the recorder`() async throws {
        _ = try reconcile(0, "paused")
        await runs.changed.wait()
        runs.update(run.id) { $0 }
        await runs.changed.wait()
    }

    @Test func `Concurrent changes of a run all take effect`() async {
        let (runs, run) = (runs, run)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    runs.update(run.id) { run in
                        var run = run
                        run.exitCode = (run.exitCode ?? 0) + 1
                        return run
                    }
                }
            }
        }
        #expect(runs.entry(run.id)?.run.exitCode == 200)
        #expect(runs.entry(run.id)?.revision == 200)
    }

    private func events(since id: Int64) async throws -> [String] {
        try await runs.feed.withReader(after: id) { reader in
            guard case .changes(let changes) = await reader.next(within: .zero) else { return [] }
            return changes.map { change in
                switch change.subject {
                case .run(let run, let shown): "\(run.name): \(shown.text)"
                case .runDeleted(let run): "\(run.name) gone"
                default: "something else"
                }
            }
        }
    }

    @Test func `A reader gets each change once, and no changes that are not visible`() async throws {
        let start = runs.feed.last
        _ = try reconcile(0, "running")
        _ = runs.lock([run.id])
        runs.unlock(run.id)
        runs.update(run.id) { $0 }
        runs.observed([run.id], at: .later)
        #expect(try await events(since: start).count == 1, "its start, which was not known")
        let before = runs.feed.last
        _ = try reconcile(3, "paused")
        _ = try reconcile(4, "exited")
        runs.addLocked(try .example("run2", state: .starting))
        runs.remove([run.id])
        #expect(
            try await events(since: before) == [
                "web-run1: web-run1 paused", "web-run1: web-run1 exited", "web-run2: web-run2 starting",
                "web-run1 gone",
            ]
        )
    }

    @Test func `A list keeps its tag until one of its runs changes, and its version until any observation`() throws {
        var app = RunFilter(in: .everything)
        app.app = run.app
        func page() -> RunPage { runs.page(app, before: nil, limit: 10) }
        let first = page()
        runs.addLocked(try .example("run2", app: "other"))
        #expect(page().tag == first.tag)
        #expect(page().version != first.version)
        runs.observed([run.id], at: .later)
        #expect(page().tag == first.tag)
        #expect(page().runs[0].observedAt == .later)
        _ = try reconcile(0, "exited")
        let changed = page()
        #expect(changed.tag != first.tag)
        #expect(changed.runs.map(\.text) == ["web-run1 exited"])
        runs.setConnected(run.host, true)
        #expect(page().tag != changed.tag)
    }

    @Test func `A run is encoded only when it is read, once for each change`() throws {
        let count = Mutex(0)
        let runs = RunCache([run], feed: ChangeFeed(start: 1, capacity: 100)) { run in
            count.withLock { $0 += 1 }
            return .example(of: run)
        }
        for state in [RunState.paused, .running, .paused] {
            runs.update(run.id) { run in
                var run = run
                run.state = state
                return run
            }
        }
        let page = runs.everything(of: nil, in: .everything)
        #expect(count.withLock { $0 } == 0, "a page is only made")
        for _ in 0..<3 { #expect(page.runs.map(\.text) == ["web-run1 paused"]) }
        #expect(runs.view(of: run.name)?.text == "web-run1 paused")
        #expect(count.withLock { $0 } == 1)
    }

    @Test func `Changes are published in the order in which they were made, whichever task makes them`() async throws {
        let runs = RunCache([run], remembered: 100_000)
        let id = run.id
        await withDiscardingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 {
                        runs.update(id) { run in
                            var run = run
                            run.exitCode = (run.exitCode ?? 0) + 1
                            return run
                        }
                    }
                }
            }
        }
        let codes = try await runs.feed.withReader(after: runs.feed.last - 8000) { reader in
            var codes: [Int] = []
            while codes.count < 8000, case .changes(let changes) = await reader.next(within: .seconds(10)) {
                for case .run(let run, _) in changes.map(\.subject) { codes.append(run.exitCode ?? 0) }
            }
            return codes
        }
        #expect(codes == Array(1...8000))
    }

    @Test func `Runs are stale until their host is connected, and again after a disconnect`() throws {
        #expect(runs.view(of: run.name)?.isStale == true)
        runs.setConnected(run.host, true)
        #expect(runs.view(of: run.name)?.isStale == false)
        runs.setConnected(try HostName("other"), true)
        runs.setConnected(run.host, false)
        #expect(runs.view(of: run.name)?.isStale == true)
    }
}

@Suite struct OwedRunsTests {
    private let runs = RunCache([])
    private let local: HostName

    init() throws {
        local = try HostName("local")
        runs.setConnected(local, true)
    }

    private func enqueue(_ id: String, host: String = "local") throws -> Run {
        let run = try Run.example(id, host: host, wasQueued: true)
        runs.enqueue([run])
        return run
    }

    @Test func `A queued run is taken once, only on a connected host, and up to the limit`() throws {
        let first = try enqueue("1")
        let second = try enqueue("2")
        let elsewhere = try enqueue("3", host: "away")
        #expect(runs.lockQueued(limit: 1).map(\.id) == [first.id])
        #expect(runs.lockQueued(limit: 9).map(\.id) == [second.id])
        #expect(runs.lockQueued(limit: 9).isEmpty)
        runs.setConnected(elsewhere.host, true)
        #expect(runs.lockQueued(limit: 9).map(\.id) == [elsewhere.id])
    }

    @Test func `A queued run that could not be started yet stays queued, and a failed one does not`() throws {
        let run = try enqueue("1")
        _ = runs.lockQueued(limit: 9)
        runs.unlock(run.id)
        #expect(runs.lockQueued(limit: 9).map(\.id) == [run.id])
        runs.update(run.id) { $0.failed(because: "no", at: .later) }
        runs.unlock(run.id)
        #expect(runs.lockQueued(limit: 9).isEmpty)
    }

    @Test func `Reconciliation does not treat a queued run without a container as interrupted`() throws {
        let run = try enqueue("1")
        guard case .same = runs.reconcile(run.id, revision: 0, found: nil, now: .later) else {
            Issue.record("it was settled")
            return
        }
        #expect(runs.entry(run.id)?.run.state == .pending)
    }

    @Test func `A run that was queued before a restart is queued after it`() throws {
        let run = try Run.example("1", state: .starting, wasQueued: true)
        let others = [
            try Run.example("2", state: .starting), try Run.example("3", state: .exited, wasQueued: true),
        ]
        let runs = RunCache([run] + others)
        runs.setConnected(local, true)
        #expect(runs.lockQueued(limit: 9).map(\.id) == [run.id])
    }

    @Test func `A removal of a queued run locks it, so that it is not started`() throws {
        let run = try enqueue("1")
        #expect(runs.lock([run.id]).count == 1)
        #expect(runs.lockQueued(limit: 9).isEmpty)
    }

    @Test func `A run is found by its name, even after a rename`() throws {
        let run = try enqueue("1")
        #expect(runs.entry(named: run.name)?.run.id == run.id)
        let other = RunName(recorded: "web-zzzzzz")
        runs.update(run.id) { run in
            var run = run
            run.name = other
            return run
        }
        #expect(runs.entry(named: run.name) == nil)
        #expect(runs.entry(named: other)?.run.id == run.id)
        runs.remove([run.id])
        #expect(runs.entry(named: other) == nil)
    }
}

import DockerEngine
import FakeEngine
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Berth

/// Hosts that are added, changed, drained and removed while the server runs.
@Suite(.timeLimit(.minutes(5))) struct HostsTests {
    /// Calls `body` with a platform on one engine, and a second engine that it does not know yet.
    private func withTwoEngines(_ body: (FakePlatform, FakeEngine) async throws -> Void) async throws {
        try await FakePlatform.with { fake in
            try await withTemporaryDirectory { directory in
                try await FakeEngine.with(at: directory + "/other.sock") { other in try await body(fake, other) }
            }
        }
    }

    private func add(_ name: String, on engine: FakeEngine, to fake: FakePlatform) async throws -> HostConnection {
        let host = try await fake.platform.hosts.add(HostName(name), at: EngineAddress(engine.endpoint), by: .tester)
        try await eventually("\(name) is connected") { host.status.state == .connected }
        return host
    }

    private func start(_ fake: FakePlatform, on host: String?, count: Int = 1) async throws -> [Run] {
        let app = try AppName("web")
        if try await fake.platform.store.app(app) == nil {
            _ = try await fake.platform.apps.create(app, .example(), by: .tester)
        }
        let request = RunRequest(app: app, count: count, host: try host.map { name in try HostName(name) })
        return try await fake.runner.start(request, by: .tester).map(\.run)
    }

    @Test func `A host that is added is connected at once, and runs are started on it`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            #expect(fake.platform.hosts.all.map(\.name.description) == ["local", "far"])
            #expect(fake.platform.hosts.isDefault(fake.host))
            #expect(host.definition.source == .api)
            let run = try await start(fake, on: "far")[0]
            #expect(try await other.containers.map(\.name) == ["\(run.name)"])
            #expect(try await fake.engine.containers.isEmpty)
            #expect(fake.runs.view(of: run.name)?.isStale == false)
            try await other.end("\(run.name)", exitCode: 3)
            try await eventually("its end is seen") { fake.state(of: run) == .exited }
        }
    }

    @Test func `A name is taken once, and a repeated request gets the host that it added`() async throws {
        try await FakePlatform.with(connects: false) { fake in
            let hosts = fake.platform.hosts
            let (name, address) = (try HostName("far"), try EngineAddress("unix:///nonexistent/far.sock"))
            let host = try await hosts.add(name, at: address, by: .example("one"))
            await #expect(throws: BerthError.hostExists(name)) { try await hosts.add(name, at: address, by: .tester) }
            await #expect(throws: BerthError.hostExists(name)) {
                try await hosts.add(name, at: address, by: .example("two", isRepeated: true))
            }
            await #expect(throws: BerthError.hostExists(fake.host.name)) {
                try await hosts.add(fake.host.name, at: address, by: .tester)
            }
            #expect(try await hosts.add(name, at: address, by: .example("one", isRepeated: true)) === host)
            #expect(hosts.all.count == 2)
        }
    }

    @Test func `Of concurrent requests to add a host, one adds it`() async throws {
        try await FakePlatform.with(connects: false) { fake in
            let hosts = fake.platform.hosts
            let name = try HostName("far")
            let address = try EngineAddress("unix:///nonexistent/far.sock")
            let added = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { (try? await hosts.add(name, at: address, by: .tester)) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(added == 1)
            #expect(hosts.all.count == 2)
            #expect(try await fake.platform.store.hostsOfAPI().count == 1)
        }
    }

    @Test func `There is a limit on the number of hosts`() async throws {
        let hosts = try await platform(on: .inMemory()).hosts
        let address = try EngineAddress("ssh://far")
        for number in 1..<Hosts.maximum { _ = try await hosts.add(HostName("h\(number)"), at: address, by: .tester) }
        await #expect(throws: BerthError.tooManyHosts(limit: 2000)) {
            try await hosts.add(HostName("more"), at: address, by: .tester)
        }
        try await hosts.remove(HostName("h7"), force: false)
        let added = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask { (try? await hosts.add(HostName("x\(number)"), at: address, by: .tester)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(added == 1)
        #expect(hosts.all.count == Hosts.maximum)
    }

    @Test func `A host that is moved to another engine shows what that one has, and back again`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: fake.engine, to: fake)
            let run = try await start(fake, on: "far")[0]
            let moved = try await fake.platform.hosts.move(host.name) { _ in try EngineAddress(other.endpoint) }
            #expect(moved === host)
            #expect(host.definition.address == (try EngineAddress(other.endpoint)))
            try await eventually("its run is lost") { fake.state(of: run) == .lost }
            _ = try await start(fake, on: "far")
            #expect(try await other.containers.count == 1)
            _ = try await fake.platform.hosts.move(host.name) { _ in try EngineAddress(fake.engine.endpoint) }
            try await eventually("its run is found") { fake.state(of: run) == .running }
            #expect(try await fake.platform.store.hostsOfAPI().map(\.address) == [EngineAddress(fake.engine.endpoint)])
        }
    }

    @Test func `A host that is moved to where it is keeps its connection`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let since = host.status.connectedAt
            _ = try await fake.platform.hosts.move(host.name) { $0 }
            try await Task.sleep(for: .milliseconds(100))
            #expect(host.status.connectedAt == since)
        }
    }

    @Test func `A host with live runs is removed only by force, and their containers go on`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let runs = try await start(fake, on: "far", count: 2)
            _ = try await fake.runner.perform(.stop, on: runs[1].name)
            await #expect(throws: BerthError.hostHasLiveRuns(host.name, count: 1)) {
                try await fake.platform.hosts.remove(host.name, force: false)
            }
            try await fake.platform.hosts.remove(host.name, force: true)
            #expect(fake.state(of: runs[0]) == .lost)
            #expect(fake.runs.entry(runs[0].id)?.run.reason?.hasPrefix("Its host was removed from Berth.") == true)
            #expect(fake.state(of: runs[1]) == .exited)
            #expect(try await other.containers.map(\.state).sorted() == ["exited", "running"])
            #expect(fake.platform.hosts.all.map(\.name) == [fake.host.name])
            #expect(try await fake.platform.store.hostsOfAPI().isEmpty)
            let error = await #expect(throws: BerthError.self) { try await start(fake, on: "far") }
            #expect(error == .hostNotFound(host.name))
        }
    }

    @Test func `The runs of a removed host are live again when the host is added again`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let run = try await start(fake, on: "far")[0]
            for _ in 0..<5 {
                try await fake.platform.hosts.remove(host.name, force: true)
                #expect(fake.runs.entry(run.id)?.run.state.status == .finished)
                _ = try await add("far", on: other, to: fake)
                try await eventually("it is found") { fake.state(of: run) == .running }
                #expect(fake.runs.entry(run.id)?.run.reason == nil)
                #expect(fake.runs.view(of: run.name)?.isStale == false)
            }
            #expect(try await other.creations == 1)
        }
    }

    @Test func `The connection of a removed host ends`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let name = host.name
            try await fake.platform.hosts.remove(name, force: false)
            try await eventually("its task has ended") {
                fake.platform.hosts.state.withLock { $0.running } == [fake.host.name]
            }
            #expect(host.connectionsInUse == (0, 0))
            #expect(fake.runs.withState { $0.hosts[name] == nil })
            await #expect(throws: BerthError.self) { try await host.connectedEngine() }
        }
    }

    @Test func `A start on a host that is removed meanwhile ends, and is not live afterwards`() async throws {
        try await withTwoEngines { fake, other in
            try await other.set(FakeEngineBehavior(actionDelay: .seconds(2)))
            let host = try await add("far", on: other, to: fake)
            async let started = start(fake, on: "far")
            try await eventually("it is being started") { try await other.creations == 1 }
            try await fake.platform.hosts.remove(host.name, force: true)
            _ = try? await started
            let run = try #require(fake.runs.all().first)
            #expect(run.state == .lost)
            #expect(fake.runs.entry(run.id)?.isLocked == false)
        }
    }

    @Test func `A run whose host is removed before its start gets no container`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let engine = try await host.connectedEngine()
            let app = try await fake.platform.apps.create(AppName("web"), .example(), by: .tester)
            let intent = try #require(try await record(app, on: "far", in: fake.platform.store))
            fake.runs.addLocked(intent.run)
            try await fake.platform.hosts.remove(host.name, force: true)
            let outcome = try await RunStart(intent: intent, host: host, engine: engine, runner: fake.runner).begin()
            fake.runner.unlock(intent.run)
            #expect(outcome.error == .hostNotFound(host.name))
            #expect(outcome.run.state == .failed)
            #expect(fake.state(of: intent.run) == .failed)
            #expect(try await other.creations == 0)
        }
    }

    private func record(_ app: App, on host: String, in store: Store) async throws -> Store.Intent? {
        try await store.recordIntents(
            of: app,
            items: [0],
            on: HostName(host),
            wasQueued: false,
            by: .tester,
            at: .now()
        )?.first
    }

    @Test func `A session in a container ends when its host is removed`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let run = try await start(fake, on: "far")[0]
            let execs = fake.platform.execs
            let request = ExecRequest(command: try Command(words: ["sh"]), takesInput: true)
            let exec = try await execs.prepare(request, in: run.name)
            try await withTask {
                await execs.sessions.run()
            } during: {
                let session = try await execs.sessions.open(exec, by: .named("ann"))
                try await fake.platform.hosts.remove(host.name, force: true)
                try await eventually("it has ended") { session.end != nil }
                guard case .failed = session.end else {
                    Issue.record("\(String(describing: session.end))")
                    return
                }
            }
        }
    }

    @Test func `A queued run whose host is removed before its start has failed`() async throws {
        try await withTwoEngines { fake, other in
            let host = try await add("far", on: other, to: fake)
            let app = try AppName("web")
            _ = try await fake.platform.apps.create(app, .example(), by: .tester)
            let run = try await fake.runner.enqueue(RunRequest(app: app, host: host.name), by: .tester)[0]
            try await fake.platform.hosts.remove(host.name, force: true)
            #expect(fake.state(of: run) == .failed)
            #expect(fake.runs.entry(run.id)?.run.reason == "Its host was removed before it was started.")
        }
    }

    @Test func `A drained host gets no new runs, and its own go on`() async throws {
        try await withTwoEngines { fake, other in
            _ = try await add("far", on: other, to: fake)
            let run = try await start(fake, on: nil)[0]
            #expect(run.host == fake.host.name)
            let queued = try await fake.runner.enqueue(RunRequest(app: run.app), by: .tester)[0]
            for _ in 0..<2 {
                #expect(try await fake.platform.hosts.setDrained(fake.host.name, true).isDrained)
            }
            await #expect(throws: BerthError.hostDrained(fake.host.name)) { try await start(fake, on: "local") }
            #expect(try await start(fake, on: nil)[0].host == (try HostName("far")))
            for (action, state) in [(RunAction.stop, RunState.exited), (.start, .running), (.restart, .running)] {
                #expect(try await fake.runner.perform(action, on: run.name).state == state)
            }
            let locked = try #require(fake.runs.lock([queued.id]).first)
            await fake.runner.resume(locked)
            #expect(fake.state(of: queued) == .running)
            _ = try await fake.platform.hosts.setDrained(HostName("far"), true)
            await #expect(throws: BerthError.hostDrained(fake.host.name)) { try await start(fake, on: nil) }
            #expect(try await fake.platform.hosts.setDrained(fake.host.name, false).isDrained == false)
            #expect(try await start(fake, on: nil)[0].host == fake.host.name)
        }
    }

    @Test func `A repeated request finds its runs on a host that was drained since`() async throws {
        try await FakePlatform.with { fake in
            let request = RunRequest(app: try AppName("web"), count: 2)
            _ = try await fake.platform.apps.create(request.app, .example(), by: .tester)
            let first = try await fake.runner.start(request, by: .example("one")).map(\.run.id)
            _ = try await fake.platform.hosts.setDrained(fake.host.name, true)
            let again = try await fake.runner.start(request, by: .example("one", isRepeated: true)).map(\.run.id)
            #expect(again == first)
            let other = RunRequest(app: request.app, count: 1)
            await #expect(throws: BerthError.hostDrained(fake.host.name)) {
                try await fake.runner.start(other, by: .example("two", isRepeated: true))
            }
        }
    }

    @Test func `A host from a flag is neither moved nor removed`() async throws {
        try await FakePlatform.with(connects: false) { fake in
            let (hosts, name) = (fake.platform.hosts, fake.host.name)
            await #expect(throws: BerthError.hostIsFromFlag(name)) { try await hosts.move(name) { $0 } }
            await #expect(throws: BerthError.hostIsFromFlag(name)) { try await hosts.remove(name, force: true) }
            #expect(hosts.all.map(\.name) == [name])
        }
    }

    // The next server on the same database.

    private func platform(
        on store: Store,
        hosts: [(String, String)] = [("local", "unix:///nonexistent/docker.sock")],
        certificates: String? = nil
    ) async throws -> Platform {
        try await Platform(
            store: store,
            hosts: hosts.map { (try HostName($0), try EngineAddress($1)) },
            ssh: SSHSettings(directory: "/nonexistent", knownHostsFile: "/nonexistent/x", configuration: .none),
            certificates: certificates,
            encode: EncodedRun.Forms.example,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test(arguments: StoreKind.available)
    func `Hosts from the API and drained hosts outlive the server`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let hosts = try await platform(on: store).hosts
            for name in ["c", "b", "gone"] {
                _ = try await hosts.add(HostName(name), at: EngineAddress("ssh://\(name)"), by: .tester)
            }
            try await hosts.remove(HostName("gone"), force: false)
            _ = try await hosts.move(HostName("c")) { _ in try EngineAddress("ssh://other:2222") }
            for name in ["local", "c"] { _ = try await hosts.setDrained(HostName(name), true) }
            let next = try await platform(on: store).hosts
            #expect(next.all.map(\.definition) == hosts.all.map(\.definition))
            #expect(next.all.map(\.name.description) == ["local", "b", "c"])
            #expect(next.all.map(\.isDrained) == [true, false, true])
            #expect(next.all[2].definition.address.description == "ssh://other:2222")
        }
    }

    @Test(arguments: StoreKind.available)
    func `Runs of a removed host have ended also after a crash before that was recorded`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let local = ("local", "unix:///nonexistent/docker.sock")
            let first = try await platform(on: store, hosts: [local, ("old", "ssh://old")])
            _ = try await first.hosts.add(HostName("far"), at: EngineAddress("ssh://far"), by: .tester)
            let app = try await first.apps.create(AppName("web"), .example(), by: .tester)
            var runs: [RunID] = []
            for host in ["local", "old", "far"] {
                runs.append(try #require(try await record(app, on: host, in: store)).run.id)
            }
            try await first.hosts.remove(HostName("far"), force: false)
            let next = try await platform(on: store, hosts: [local])
            #expect(runs.map { next.runs.entry($0)?.run.state } == [.pending, .pending, .failed])
            #expect(next.runs.takeUnrecorded().map(\.id) == [runs[2]])
        }
    }

    @Test func `A request that waits for a host gets its answer when the server stops`() async throws {
        let hosts = try await platform(on: .inMemory()).hosts
        let host = hosts.all[0]
        // As if the connection of an earlier host of this name had not ended yet.
        hosts.state.withLock { _ = $0.running.insert(host.name) }
        let engine = Task { try await host.connectedEngine() }
        try await withTask {
            try await hosts.run()
        } during: {
            try await Task.sleep(for: .milliseconds(50))
        }
        await #expect(throws: BerthError.self) { try await engine.value }
    }

    @Test func `A flag for a host of the API must have the same endpoint, and then takes it over`() async throws {
        let store = try await Store.inMemory()
        let name = try HostName("far")
        _ = try await platform(on: store).hosts.add(name, at: EngineAddress("ssh://a"), by: .tester)
        await #expect(throws: BerthError.hostFlagDiffers(name, from: try EngineAddress("ssh://a"))) {
            try await platform(on: store, hosts: [("far", "ssh://b")])
        }
        #expect(try await store.hostsOfAPI().count == 1)
        let taken = try await platform(on: store, hosts: [("far", "ssh://a")])
        #expect(taken.hosts.all.map(\.definition.source) == [.flag])
        #expect(try await platform(on: store).hosts.all.map(\.name.description) == ["local"])
    }

    @Test func `A host stays when the state directory with its certificates has moved, and can be changed`()
        async throws
    {
        let store = try await Store.inMemory()
        let name = try HostName("far")
        let earlier = try EngineAddress("tcp://far:2376?certs=/a/certs/far")
        _ = try await platform(on: store, certificates: "/a/certs").hosts.add(name, at: earlier, by: .tester)
        let hosts = try await platform(on: store, certificates: "/b/certs").hosts
        #expect(try hosts.host(name).definition.address == earlier)
        _ = try await hosts.move(name) { _ in try EngineAddress("tcp://far:2376?certs=/b/certs/far") }
        #expect(try await store.hostsOfAPI().map(\.address.description) == ["tcp://far:2376?certs=/b/certs/far"])
    }

    @Test(
        arguments: [
            ("ssh://deploy@far:22/run/docker.sock", true), ("unix:///run/docker.sock", true),
            ("tcp://far:2376?certs=/state/certs/far", true), ("tcp://far:2376?certs=/state/certs", true),
            ("tcp://far:2376?certs=/state//certs/far/", true), ("tcp://far:2376?certs=/state/certs/../far", false),
            ("tcp://far:2376?certs=/state/certs-of-others", false), ("tcp://far:2376?certs=/tmp/x", false),
            ("tcp://far:2376?certs=/", false), ("tcp://127.0.0.1:2375?tls=off", false),
        ]
    )
    func `The API accepts an endpoint only if it reads no file outside the server's own directory`(
        _ endpoint: String,
        _ isAccepted: Bool
    ) async throws {
        let hosts = try await platform(on: .inMemory(), certificates: "/state/certs").hosts
        #expect((hosts.objection(to: try EngineAddress(endpoint)) == nil) == isAccepted)
    }

    @Test func `Each page of hosts continues after the last, also if that was removed`() async throws {
        let hosts = try await platform(on: .inMemory(), hosts: [("z", "ssh://z"), ("y", "ssh://y")]).hosts
        for name in ["c", "a", "b"] {
            _ = try await hosts.add(HostName(name), at: EngineAddress("ssh://x"), by: .tester)
        }
        func names(after name: String?) throws -> [String] {
            hosts.all(after: try name.map { name in try HostName(name) }).map(\.name.description)
        }
        #expect(try names(after: nil) == ["z", "y", "a", "b", "c"])
        #expect(try names(after: "z") == ["y", "a", "b", "c"])
        #expect(try names(after: "a") == ["b", "c"])
        try await hosts.remove(HostName("b"), force: false)
        #expect(try names(after: "b") == ["c"])
        #expect(try names(after: "c").isEmpty)
    }
}

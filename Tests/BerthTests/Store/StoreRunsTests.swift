import DockerEngine
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreRunsTests {
    private let web: AppName
    private let host: HostName

    init() throws {
        web = try AppName("web")
        host = try HostName("local")
    }

    private func intent(_ store: Store) async throws -> Store.Intent {
        try #require(try await store.recordIntent(of: web, on: host, at: .noon))
    }

    @Test(arguments: StoreKind.available)
    func `An intent is recorded as a pending run of the current release, with its settings`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(image: "one"), at: .noon)
            _ = try await store.changeApp(web, at: .noon) { _ in try .example(image: "two:2") }
            let intent = try await intent(store)
            #expect(intent.settings.image.description == "two:2")
            #expect(intent.run.state == .pending)
            #expect(intent.run.release == 2)
            #expect(intent.run.image == "two:2")
            #expect(intent.run.host == host)
            #expect(intent.run.createdAt == .noon)
            #expect(intent.run.containerID == nil)
            #expect(try await store.runs() == [intent.run])
        }
    }

    @Test(arguments: StoreKind.available)
    func `No intent is recorded for an app that does not exist`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let intent = try await store.recordIntent(of: web, on: host, at: .noon)
            #expect(intent == nil)
            #expect(try await store.runs().isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `No intent is recorded for a deleted app, even if a new app has its name`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let app = try await store.createApp(web, .example(), at: .noon)
            let record = {
                try await store.recordIntents(of: app, items: [0], on: host, wasQueued: false, by: .tester, at: .noon)
            }
            #expect(try await store.deleteApp(web, withRuns: []))
            #expect(try await record()?.count == nil)
            _ = try await store.createApp(web, .example(), at: .later)
            #expect(try await record()?.count == nil)
            #expect(try await store.runs().isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `No intent is recorded for an app that has another release by now`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let app = try await store.createApp(web, .example(), at: .noon)
            _ = try await store.changeApp(web, at: .later) { _ in try .example(image: "two") }
            let intents = try await store.recordIntents(
                of: app,
                items: [0],
                on: host,
                wasQueued: false,
                by: .tester,
                at: .later
            )
            #expect(intents?.count == nil)
            #expect(try await store.runs().isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Fifty concurrent intents have distinct names and ids`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let runs = try await withThrowingTaskGroup(of: Run.self) { group in
                for _ in 0..<50 { group.addTask { try await intent(store).run } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(runs.map(\.name)).count == 50)
            #expect(Set(runs.map(\.id)).count == 50)
            #expect(Set(try await store.runs().map(\.id)) == Set(runs.map(\.id)))
        }
    }

    @Test(arguments: StoreKind.available)
    func `All changes of a run are stored`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            var run = try await intent(store).run
            run.state = .exited
            run.containerID = try .example()
            run.exitCode = 137
            run.reason = "it's \"gone\"\n🚢"
            run.isOutOfMemory = true
            run.startedAt = .noon
            run.finishedAt = .later
            try await store.update([run])
            #expect(try await store.runs() == [run])
            run.exitCode = nil
            run.reason = nil
            run.finishedAt = nil
            run.state = .running
            try await store.update([run])
            #expect(try await store.runs() == [run])
        }
    }

    @Test(arguments: RunState.allCases, StoreKind.available)
    func `The schema accepts every state`(_ state: RunState, kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            var run = try await intent(store).run
            run.state = state
            try await store.update([run])
            #expect(try await store.runs().map(\.state) == [state])
        }
    }

    @Test(arguments: StoreKind.available)
    func `The record of a deleted run is not restored by an update`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let run = try await intent(store).run
            #expect(try await store.deleteApp(web, withRuns: [run.id]))
            try await store.update([run])
            #expect(try await store.runs().isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Several updates are stored together or not at all`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            var first = try await intent(store).run
            var second = try await intent(store).run
            first.containerID = try .example()
            second.containerID = try .example()
            await #expect(throws: SQLError.uniqueViolation) { try await store.update([first, second]) }
            #expect(try await store.runs().allSatisfy { $0.containerID == nil })
        }
    }

    @Test(arguments: StoreKind.available)
    func `A renamed run gets another name of its app`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let run = try await intent(store).run
            let name = try await store.rename(run)
            #expect(name != run.name)
            #expect(name.description.hasPrefix("web-"))
            #expect(try await store.runs().map(\.name) == [name])
        }
    }

    @Test(arguments: StoreKind.available)
    func `A name cannot be taken twice`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let (first, second) = (try await intent(store).run, try await intent(store).run)
            await #expect(throws: SQLError.uniqueViolation) {
                try await store.database.write { connection in
                    try connection.run("UPDATE runs SET name = ? WHERE id = ?", [.text(first.name), .text(second.id)])
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `A run cannot exist without its release`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            _ = try await intent(store)
            await #expect(throws: SQLError.foreignKeyViolation) {
                try await store.database.write { try $0.run("DELETE FROM releases", []) }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `Runs are listed oldest first`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let late = try #require(try await store.recordIntent(of: web, on: host, at: .later)).run
            let early = try await intent(store).run
            #expect(try await store.runs().map(\.id) == [early.id, late.id])
        }
    }

    @Test(arguments: StoreKind.available)
    func `Hosts are stored once, with their last endpoint`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let addresses = try ["unix:///a.sock", "unix:///b.sock"].map { text in try EngineAddress(text) }
            try await store.keepHosts([(host, addresses[0])], at: .noon)
            try await store.keepHosts([(host, addresses[1]), (HostName("two"), addresses[0])], at: .later)
            let rows = try await store.database.read { connection in
                try connection.rows("SELECT name, endpoint, created_at FROM hosts ORDER BY name", []).map(\.values)
            }
            #expect(
                rows == [
                    [.text("local"), .text("unix:///b.sock"), .time(.noon)],
                    [.text("two"), .text("unix:///a.sock"), .time(.later)],
                ]
            )
        }
    }
}

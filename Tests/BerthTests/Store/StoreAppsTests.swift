import DockerEngine
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreAppsTests {
    private struct Refused: Error {}

    private let web: AppName

    init() throws {
        web = try AppName("web")
    }

    @Test(arguments: StoreKind.available)
    func `An app is stored with its first release`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let settings = try AppSettings.example(command: ["sleep", "1"], variables: [("A", "1")])
            let created = try await store.createApp(web, settings, at: .noon)
            #expect(created == App(name: web, release: 1, settings: settings, createdAt: .noon, updatedAt: .noon))
            #expect(try await store.app(web) == created)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A missing app is nil`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let app = try await store.app(web)
            #expect(app == nil)
            #expect(try await store.apps().isEmpty)
            #expect(try await store.changeApp(web, at: .noon) { $0 } == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Apps are listed by name`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            for name in ["b", "a-1", "a", "0"] { _ = try await store.createApp(AppName(name), .example(), at: .noon) }
            #expect(try await store.apps().map(\.name.description) == ["0", "a", "a-1", "b"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `A name that is taken is refused, and the first app does not change`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try await store.createApp(web, .example(image: "one"), at: .noon)
            await #expect(throws: SQLError.uniqueViolation) {
                try await store.createApp(web, .example(image: "two"), at: .later)
            }
            #expect(try await store.app(web) == first)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Exactly one of many concurrent creations of one name succeeds`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let created = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        do {
                            _ = try await store.createApp(web, .example(image: "image\(number)"), at: .noon)
                            return true
                        } catch SQLError.uniqueViolation {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(created == 1)
            #expect(try await store.apps().count == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Each change makes a release with the next number`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            for number in 2...4 {
                let changed = try await store.changeApp(web, at: .later) { _ in try .example(image: "nginx:\(number)") }
                #expect(changed?.release == number)
                #expect(changed?.updatedAt == .later)
                #expect(changed?.createdAt == .noon)
                #expect(try await store.app(web) == changed)
            }
            let releases = try await store.database.read { connection in
                try connection.texts("SELECT settings FROM releases ORDER BY number")
            }
            #expect(releases.count == 4)
            #expect(releases[0].contains("\"nginx\""))
        }
    }

    @Test(arguments: StoreKind.available)
    func `A change without a difference makes no release`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let created = try await store.createApp(web, .example(variables: [("A", "1")]), at: .noon)
            let same = try await store.changeApp(web, at: .later) { _ in try .example(variables: [("A", "1")]) }
            #expect(same == created)
            #expect(try await store.app(web) == created)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A different order of the variables, or a different spelling of the command, makes a release`(kind: StoreKind)
        async throws
    {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(variables: [("A", "1"), ("B", "2")]), at: .noon)
            let turned = try await store.changeApp(web, at: .noon) { _ in
                try .example(variables: [("B", "2"), ("A", "1")])
            }
            #expect(turned?.release == 2)
            let words = try await store.changeApp(web, at: .noon) { settings in
                var settings = settings
                settings.command = try Command(words: ["a"])
                return settings
            }
            #expect(words?.release == 3)
            let line = try await store.changeApp(web, at: .noon) { settings in
                var settings = settings
                settings.command = try Command(line: "a")
                return settings
            }
            #expect(line?.release == 4)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A letter in another Unicode composition is a different letter`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(variables: [("A", "caf\u{E9}")]), at: .noon)
            let changed = try await store.changeApp(web, at: .later) { _ in
                try .example(variables: [("A", "cafe\u{301}")])
            }
            #expect(changed?.release == 2)
            let value = try #require(try await store.app(web)?.settings.variables.list.first?.value)
            #expect(Array(value.utf8) == Array("cafe\u{301}".utf8))
        }
    }

    @Test(arguments: StoreKind.available)
    func `A change that throws changes nothing`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let created = try await store.createApp(web, .example(), at: .noon)
            await #expect(throws: Refused.self) { try await store.changeApp(web, at: .later) { _ in throw Refused() } }
            #expect(try await store.app(web) == created)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Concurrent changes are each based on the one before`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        _ = try await store.changeApp(web, at: .later) { settings in
                            var settings = settings
                            try settings.variables.append(Variable(name: "V\(number)", value: "x"))
                            return settings
                        }
                    }
                }
                try await group.waitForAll()
            }
            let app = try #require(try await store.app(web))
            #expect(app.release == 21)
            #expect(app.settings.variables.list.count == 20)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A deleted app is gone with its releases, and its name is free again`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            _ = try await store.changeApp(web, at: .later) { _ in try .example(image: "other") }
            #expect(try await store.deleteApp(web, withRuns: []))
            #expect(try await store.app(web) == nil)
            #expect(try await store.createApp(web, .example(), at: .later).release == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `An app with a run that the caller does not list is not deleted`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(), at: .noon)
            let host = try HostName("local")
            let known = try #require(try await store.recordIntent(of: web, on: host, at: .noon)).run
            let unknown = try #require(try await store.recordIntent(of: web, on: host, at: .noon)).run
            #expect(try await !store.deleteApp(web, withRuns: [known.id]))
            #expect(try await store.app(web) != nil)
            #expect(try await store.runs().count == 2)
            #expect(try await store.deleteApp(web, withRuns: [known.id, unknown.id, RunID(recorded: "gone")]))
            #expect(try await store.runs().isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Deleting an app does not affect the others`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let other = try AppName("other")
            _ = try await store.createApp(web, .example(), at: .noon)
            _ = try await store.createApp(other, .example(), at: .noon)
            _ = try await store.recordIntent(of: other, on: HostName("local"), at: .noon)
            #expect(try await store.deleteApp(web, withRuns: []))
            #expect(try await store.apps().map(\.name) == [other])
            #expect(try await store.runs().count == 1)
        }
    }
}

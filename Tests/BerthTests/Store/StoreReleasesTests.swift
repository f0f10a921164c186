import DockerEngine
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreReleasesTests {
    private let web: AppName

    init() throws { web = try AppName("web") }

    @Test(arguments: StoreKind.available)
    func `Each change makes a release that records its author and time`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(image: "one"), by: .named("ann"), at: .noon)
            _ = try await store.changeApp(web, ifRelease: nil, by: .named("bob"), at: .later) { _ in
                try .full()
            }
            let releases = try await store.releases(of: web, before: .max, limit: 10)
            #expect(releases.map(\.number) == [2, 1])
            #expect(releases.map(\.createdBy) == ["bob", "ann"])
            #expect(releases.map(\.createdAt) == [.later, .noon])
            #expect(releases.map(\.origin) == [.changed, .created])
            #expect(releases[0].settings == (try AppSettings.full()))
            #expect(try await store.release(1, of: web)?.settings == .example(image: "one"))
            #expect(try await store.release(3, of: web) == nil)
            #expect(try await store.app(web)?.settings == .full())
        }
    }

    @Test(arguments: StoreKind.available)
    func `Releases are paged, newest first`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(image: "i1"), at: .noon)
            for number in 2...5 {
                _ = try await store.changeApp(web, at: .noon) { _ in try .example(image: "i\(number)") }
            }
            #expect(try await store.releases(of: web, before: .max, limit: 2).map(\.number) == [5, 4])
            #expect(try await store.releases(of: web, before: 4, limit: 2).map(\.number) == [3, 2])
            #expect(try await store.releases(of: web, before: 2, limit: 2).map(\.number) == [1])
            #expect(try await store.releases(of: AppName("other"), before: .max, limit: 2).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `The images of all releases are listed app by app, newest first`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let blog = try AppName("blog")
            _ = try await store.createApp(web, .example(image: "one"), at: .noon)
            _ = try await store.changeApp(web, at: .noon) { _ in try .example(image: "two") }
            _ = try await store.createApp(blog, .example(image: "one:1"), at: .noon)
            let found = try await store.releasedImages()
            #expect(found.map { "\($0.app) \($0.image)" } == ["blog one:1", "web two", "web one"])
            _ = try await store.deleteApp(web, withRuns: [])
            #expect(try await store.releasedImages().map(\.app) == [blog])
        }
    }

    @Test(arguments: StoreKind.available)
    func `A rollback makes a new release with the old settings`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .full(), at: .noon)
            _ = try await store.changeApp(web, at: .noon) { _ in try .example(image: "two") }
            let back = try await store.rollBackApp(web, to: 1, ifRelease: 2, by: .tester, at: .later)
            #expect(back.release == 3)
            #expect(back.settings == (try AppSettings.full()))
            #expect(try await store.app(web) == back)
            #expect(try await store.release(3, of: web)?.origin == .rolledBack(to: 1))
            await #expect(throws: BerthError.releaseNotFound(web)) {
                try await store.rollBackApp(web, to: 9, ifRelease: nil, by: .tester, at: .later)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `A repeated rollback finds the release that it made`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.createApp(web, .example(image: "one"), at: .noon)
            _ = try await store.changeApp(web, at: .noon) { _ in try .example(image: "two") }
            let first = try await store.rollBackApp(web, to: 1, ifRelease: 2, by: .example("a"), at: .noon)
            let repeated = Caller.example("a", isRepeated: true)
            let again = try await store.rollBackApp(web, to: 1, ifRelease: 2, by: repeated, at: .later)
            #expect(again == first)
            #expect(try await store.releases(of: web, before: .max, limit: 10).count == 3)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A change that expects another release changes nothing`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let made = try await store.createApp(web, .example(image: "one"), at: .noon)
            let changed = BerthError.releaseChanged(web, to: 1)
            await #expect(throws: changed) {
                try await store.changeApp(web, ifRelease: 2, by: .tester, at: .later) { _ in try .example() }
            }
            await #expect(throws: changed) {
                try await store.rollBackApp(web, to: 1, ifRelease: 7, by: .tester, at: .later)
            }
            await #expect(throws: changed) { try await store.deleteApp(web, withRuns: [], ifRelease: 3) }
            #expect(try await store.app(web) == made)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Fifty concurrent changes make fifty releases, and none is lost`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let web = web
            _ = try await store.createApp(web, .example(image: "i0"), at: .noon)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...50 {
                    group.addTask {
                        let apps = try await Apps.example(on: store)
                        _ = try await apps.change(web, by: .tester) { settings in
                            var settings = settings
                            try settings.variables.append(Variable(name: "V\(number)", value: ""))
                            return settings
                        }
                    }
                }
                try await group.waitForAll()
            }
            let app = try #require(try await store.app(web))
            #expect(app.release == 51)
            #expect(app.settings.variables.list.count == 50)
            #expect(try await store.releases(of: web, before: .max, limit: 100).map(\.number) == (1...51).reversed())
        }
    }
}

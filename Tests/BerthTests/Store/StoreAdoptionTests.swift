import DockerEngine
import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreAdoptionTests {
    /// A running container of this app's release, without a record.
    private func adoption(
        _ id: String,
        release: Int = 1,
        image: String = "nginx",
        container: Character = "a"
    ) throws -> Adoption {
        var run = Run(
            id: RunID(recorded: id),
            name: RunName(recorded: "web-abc234"),
            app: try AppName("web"),
            release: release,
            host: try HostName("local"),
            image: image,
            state: .running,
            createdAt: .noon
        )
        run.containerID = try .example(container)
        run.startedAt = .later
        return Adoption(run: run, settings: try .example(image: image))
    }

    @Test(arguments: StoreKind.available)
    func `After the loss of all records, the app, its releases and its runs are restored`(kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            for (release, container) in [(2, "b"), (3, "c"), (1, "a")] as [(Int, Character)] {
                let adoption = try adoption(
                    "run\(release)",
                    release: release,
                    image: "i\(release)",
                    container: container
                )
                #expect(try await store.adopt(adoption) != nil)
            }
            let app = try #require(try await store.app(AppName("web")))
            #expect(app.release == 3)
            #expect(app.settings == (try .example(image: "i3")))
            let runs = try await store.runs()
            #expect(Set(runs.map(\.release)) == [1, 2, 3])
            #expect(Set(runs.map(\.name)).count == 3)
            #expect(runs.allSatisfy { $0.state == .running && $0.startedAt == .later })
            let origins = try await store.releases(of: AppName("web"), before: .max, limit: 9).map(\.origin)
            #expect(origins == [.adopted, .adopted, .adopted])
        }
    }

    @Test(arguments: StoreKind.available)
    func `A release that a restored database does not have is added, and the app keeps its current one`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let web = try AppName("web")
            _ = try await store.createApp(web, .example(image: "one"), at: .noon)
            #expect(try await store.adopt(adoption("run1", release: 5, image: "five")) != nil)
            #expect(try await store.app(web)?.release == 1)
            #expect(try await store.release(5, of: web)?.settings == .example(image: "five"))
            let next = try await store.changeApp(web, at: .later) { _ in try .example(image: "two") }
            #expect(next?.release == 6)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A recorded run or container is not adopted again`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try await store.adopt(adoption("run1"))
            let sameRun = try await store.adopt(adoption("run1", container: "b"))
            let sameContainer = try await store.adopt(adoption("run2"))
            #expect(first != nil)
            #expect(sameRun == nil)
            #expect(sameContainer == nil)
            let runs = try await store.runs()
            #expect(runs.count == 1)
        }
    }
}

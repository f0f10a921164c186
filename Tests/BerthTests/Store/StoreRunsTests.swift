import DockerEngine
import Testing

@testable import Berth

@Suite struct StoreRunsTests {
    private let store: Store
    private let web: AppName
    private let host: HostName

    init() async throws {
        store = try await .inMemory()
        web = try AppName("web")
        host = try HostName("local")
    }

    private func intent() async throws -> Store.Intent {
        try #require(try await store.recordIntent(of: web, on: host, at: .noon))
    }

    @Test func `An intent is a pending run of the current release, and its settings`() async throws {
        _ = try await store.createApp(web, .example(image: "one"), at: .noon)
        _ = try await store.changeApp(web, at: .noon) { _ in try .example(image: "two:2") }
        let intent = try await intent()
        #expect(intent.settings.image.description == "two:2")
        #expect(intent.run.state == .pending)
        #expect(intent.run.release == 2)
        #expect(intent.run.image == "two:2")
        #expect(intent.run.host == host)
        #expect(intent.run.createdAt == .noon)
        #expect(intent.run.containerID == nil)
        #expect(try await store.runs() == [intent.run])
    }

    @Test func `There is no intent of no app`() async throws {
        #expect(try await store.recordIntent(of: web, on: host, at: .noon) == nil)
        #expect(try await store.runs().isEmpty)
    }

    @Test func `Fifty intents at once have names and ids of their own`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        let runs = try await withThrowingTaskGroup(of: Run.self) { group in
            for _ in 0..<50 { group.addTask { try await intent().run } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(runs.map(\.name)).count == 50)
        #expect(Set(runs.map(\.id)).count == 50)
        #expect(Set(try await store.runs().map(\.id)) == Set(runs.map(\.id)))
    }

    @Test func `All that changes of a run is kept`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        var run = try await intent().run
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

    @Test(arguments: RunState.allCases)
    func `The schema knows every state`(_ state: RunState) async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        var run = try await intent().run
        run.state = state
        try await store.update([run])
        #expect(try await store.runs().map(\.state) == [state])
    }

    @Test func `The record of a deleted run stays gone`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        let run = try await intent().run
        #expect(try await store.deleteApp(web, withRuns: [run.id]))
        try await store.update([run])
        #expect(try await store.runs().isEmpty)
    }

    @Test func `Of several updates all or none are kept`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        var first = try await intent().run
        var second = try await intent().run
        first.containerID = try .example()
        second.containerID = try .example()
        await #expect(throws: StoreError.uniqueViolation) { try await store.update([first, second]) }
        #expect(try await store.runs().allSatisfy { $0.containerID == nil })
    }

    @Test func `A renamed run has another name of its app`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        let run = try await intent().run
        let name = try await store.rename(run)
        #expect(name != run.name)
        #expect(name.description.hasPrefix("web-"))
        #expect(try await store.runs().map(\.name) == [name])
    }

    @Test func `A name cannot be taken twice`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        let (first, second) = (try await intent().run, try await intent().run)
        await #expect(throws: StoreError.uniqueViolation) {
            try await store.database.write { connection in
                try connection.run("UPDATE runs SET name = ? WHERE id = ?", [.text(first.name), .text(second.id)])
            }
        }
    }

    @Test func `A run without its release cannot be`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        _ = try await intent()
        await #expect(throws: StoreError.foreignKeyViolation) {
            try await store.database.write { try $0.run("DELETE FROM releases", []) }
        }
    }

    @Test func `Runs come oldest first`() async throws {
        _ = try await store.createApp(web, .example(), at: .noon)
        let late = try #require(try await store.recordIntent(of: web, on: host, at: .later)).run
        let early = try await intent().run
        #expect(try await store.runs().map(\.id) == [early.id, late.id])
    }

    @Test func `Hosts are kept once, with their last endpoint`() async throws {
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

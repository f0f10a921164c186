import BerthAPI
import DockerEngine
import NIOCore
import Testing

@testable import Berth
@testable import BerthMaintenance
@testable import SQL

@Suite struct StoreCopyTests {
    /// At least one row in every table.
    private func fill(_ store: Store, runs: Int = 3) async throws {
        let web = try AppName("web")
        try await store.keepHosts([(HostName("local"), EngineAddress("unix:///a.sock"))], at: .noon)
        let far = try Host(name: HostName("far"), address: EngineAddress("ssh://far"), source: .api, isDrained: true)
        try await store.addHost(far, by: .example("h"), at: .noon)
        _ = try await store.createApp(web, .full(), at: .noon)
        for number in 1...3 {
            _ = try await store.changeApp(web, at: .later) { _ in
                try .example(image: "i\(number)", variables: [("e\u{301}", "\u{E9} 🚢\n ")])
            }
        }
        let value = try SecretValue("é")
        try await Secrets(store: store, key: SecretKey()).set(SecretName("KEY"), of: web, to: value, by: .tester)
        try await Registries(store: store, key: SecretKey()).set(.usual, "u", value, by: .tester)
        let app = try #require(try await store.app(web))
        let overrides = RunOverrides(command: try Command(words: ["a"]))
        for start in stride(from: 1, to: runs, by: 100) {
            _ = try await store.recordIntents(
                of: app,
                overrides: overrides,
                items: Array(start..<min(start + 100, runs)),
                on: HostName("local"),
                wasQueued: false,
                by: .tester,
                at: .noon
            )
        }
        let intents = try await store.recordIntents(
            of: app,
            overrides: overrides,
            items: [0],
            on: HostName("local"),
            wasQueued: true,
            by: .example("o"),
            at: .noon
        )
        var run = try #require(intents?.first).run
        run = run.after(try .example("exited", id: .example(), exitCode: 3))
        try await store.update([run])
        var log = KeptLog()
        log.add(LogRecord(time: LogTime(.noon), stream: .stdout, message: ByteBuffer(string: "é"), isPartial: false))
        try await store.keep(log, of: run.id)
        try await store.keep(Policy(), by: .tester, at: .noon)
        let token = try AccessToken.example("ci", hash: "h")
        try await store.add(token)
        try await store.add(
            BrowserSession(token: token.id, expiresAt: .later),
            TokenHash(of: TokenText("s")),
            at: .noon
        )
        try await store.appendAudit([AuditRow(id: AuditID(firstAt: .noon), entry: .example())])
        guard case .perform(let operation) = try await store.begin(key: "k", fingerprint: "f", at: .noon) else {
            return
        }
        try await store.finish(operation, with: StoredAnswer(status: 201, headers: [["a", "b"]], body: "{}").text)
    }

    @Test(arguments: StoreKind.available, StoreKind.available)
    func `A database is copied exactly from every kind to every other`(
        from: StoreKind,
        to: StoreKind
    ) async throws {
        try await from.withStore { source in
            try await fill(source, runs: 1203)
            try await to.withStore { target in
                var lines: [String] = []
                try await copy(source, target) { lines.append($0) }
                for (table, rows) in [("runs", 1203), ("releases", 4), ("idempotency_keys", 1)] {
                    #expect(lines.contains("\(table): \(rows) rows, identical in both databases"))
                }
                #expect(try await target.runs() == source.runs())
                #expect(try await target.apps() == source.apps())
                #expect(try await target.policy() == Policy())
                #expect(try await target.hostsOfAPI().map(\.isDrained) == [true])
                let rows = try await target.database.read { try $0.rows("SELECT id FROM instance", []) }
                #expect(try rows.map { try $0.text("id") } == [source.instance])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `A target that is not empty is not changed`(kind: StoreKind) async throws {
        let source = try await Store.inMemory()
        try await kind.withStore { target in
            let app = try await target.createApp(AppName("kept"), .example(), at: .noon)
            await #expect(throws: CopyError.targetIsInUse) { try await copy(source, target) }
            #expect(try await target.apps() == [app])
        }
    }

    @Test(arguments: SQLTable.all.map(\.name), ["UPDATE # SET ", "DELETE FROM #"])
    func `A difference in any table is found`(table: String, damage: String) async throws {
        let source = try await Store.inMemory()
        try await fill(source)
        let target = try await Store.inMemory()
        let copy = StoreCopy(source: source.database.base, target: target.database.base)
        try await copy.prepare()
        try await copy.copy(SQLTable.all) { _ in }
        try await target.database.write { connection in
            // Rows that refer to the table are deleted first.
            let below =
                damage.hasPrefix("DELETE") ? SQLTable.all.drop { $0.name != table }.dropFirst().reversed() : []
            for other in below { try connection.run("DELETE FROM \(other.name)", []) }
            let columns = SQLTable.all.first { $0.name == table }?.columns ?? []
            let changes = ["run_logs": "is_complete = 1 - is_complete", "audit": "result = 'failed'"]
            let time = columns.first { ["created_at", "updated_at"].contains($0) } ?? "id"
            let change = changes[table] ?? "\(time) = \(time) + 1"
            let statement = damage.split(separator: "#", omittingEmptySubsequences: false).joined(separator: table)
            try connection.run(statement + (damage.hasPrefix("UPDATE") ? change : ""), [])
        }
        await #expect(throws: CopyError.differs(table)) { try await copy.verify(SQLTable.all) { _ in } }
    }

    @Test func `Every column of every table is copied`() async throws {
        let store = try await Store.inMemory()
        let tables = try await store.database.read { connection in
            try connection.texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version'")
        }
        #expect(Set(tables) == Set(SQLTable.all.map(\.name)))
        for table in SQLTable.all {
            let columns = try await store.database.read { connection in
                try connection.texts("SELECT name FROM pragma_table_info('\(table.name)')")
            }
            #expect(Set(columns) == Set(table.columns), "\(table.name)")
        }
    }

    private func copy(
        _ source: Store,
        _ target: Store,
        progress: (String) -> Void = { _ in }
    ) async throws {
        try await StoreCopy(source: source.database.base, target: target.database.base).run(progress: progress)
    }
}

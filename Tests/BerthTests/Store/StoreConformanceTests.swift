import DockerEngine
import JSON
import Testing

@testable import Berth
@testable import SQL

/// Runs the same calls on every kind of store, and compares the answers word by word.
@Suite struct StoreConformanceTests {
    @Test func `Every kind of store gives the same answers`() async throws {
        let expected = try await StoreKind.memory.withStore { try await StoreStory($0).tell() }
        #expect(expected.count > 100)
        for kind in StoreKind.available {
            let answers = try await kind.withStore { try await StoreStory($0).tell() }
            #expect(answers.count == expected.count)
            for (answer, wanted) in zip(answers, expected) {
                #expect(Array(answer.utf8) == Array(wanted.utf8), "\(kind)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `Each kind of store gives the expected answers`(kind: StoreKind) async throws {
        let answers = try await kind.withStore { try await StoreStory($0).tell() }
        for fact in [
            "app of none: nil", "change of none: nil", "intent of none: nil",
            "second of a name: \(SQLError.uniqueViolation)",
            "deleted with an unknown run: false", "deleted: true",
            "two of one container: \(SQLError.uniqueViolation)",
            "apps: [0, a, a-1, b, web]", "a state that is none: \(SQLError.checkViolation)",
            "a release of none: \(SQLError.foreignKeyViolation)",
            "NULL: \(SQLError.checkViolation)", "an unknown source: \(SQLError.checkViolation)",
            "drained twice: \(SQLError.checkViolation)", "added by this request: true",
            "added by this request: false", "added by another request: false", "no policy: true",
            "a second policy: \(SQLError.checkViolation)",
            "an unknown result: \(SQLError.checkViolation)", "deleted before: 1", "deleted oldest: 1",
            "token of a known name: \(SQLError.uniqueViolation)", "token of a known hash: \(SQLError.uniqueViolation)",
            "token of no role: \(SQLError.checkViolation)", "session of no token: \(SQLError.foreignKeyViolation)",
            "sessions of a deleted token: 0",
        ] { #expect(answers.contains(fact), "\(fact)") }
    }
}

/// Calls every method of a store and writes down the results.
private final class StoreStory {
    private let store: Store
    private var answers: [String] = []
    /// Replaces random ids and names by their order of appearance.
    private var known: [String] = []

    init(_ store: Store) { self.store = store }

    func tell() async throws -> [String] {
        let web = try AppName("web")
        let host = try HostName("local")
        try await tellOfApps(web)
        try await tellOfTexts()
        try await tellOfRuns(web, host)
        try await tellOfRefusals(web, host)
        try await tellOfHosts(host)
        try await tellOfPolicy()
        try await tellOfAudit()
        try await tellOfTokens()
        try await tellOfDeletion(web, host)
        return answers
    }

    private func note(_ what: String, _ body: () async throws -> String) async {
        do {
            answers.append("\(what): \(try await body())")
        } catch {
            answers.append("\(what): \(error)")
        }
    }

    private func tellOfApps(_ web: AppName) async throws {
        await note("app of none") { try await text(store.app(web)) }
        await note("change of none") { try await text(store.changeApp(web, at: .noon) { $0 }) }
        await note("first of a name") {
            try await text(store.createApp(web, .example(variables: [("A", "1")]), at: .noon))
        }
        await note("second of a name") { try await text(store.createApp(web, .example(), at: .later)) }
        for name in ["b", "a-1", "a", "0"] {
            await note("created") { try await text(store.createApp(AppName(name), .example(), at: .noon)) }
        }
        await note("apps") { "[" + (try await store.apps().map(\.name.description).joined(separator: ", ")) + "]" }
        await note("unchanged") { try await text(store.changeApp(web, at: .later) { $0 }) }
        await note("thrown") { try await text(store.changeApp(web, at: .later) { _ in throw SQLError.full }) }
        await note("after the throw") { try await text(store.app(web)) }
    }

    private func tellOfTexts() async throws {
        for (index, value) in (NastyText.all + [NastyText.large]).enumerated() {
            let name = try AppName("text-\(index)")
            await note("a value") {
                try await text(
                    store.createApp(name, .example(command: ["x", value], variables: [("A", value)]), at: .noon)
                )
            }
            await note("as it was") { try await text(store.app(name)) }
            await note("deleted") { "\(try await store.deleteApp(name, withRuns: []))" }
        }
    }

    private func tellOfRuns(_ web: AppName, _ host: HostName) async throws {
        await note("intent of none") {
            try await store.recordIntent(of: AppName("none"), on: host, at: .noon).map { _ in "one" } ?? "nil"
        }
        guard var first = try await store.recordIntent(of: web, on: host, at: .later)?.run,
            let second = try await store.recordIntent(of: web, on: host, at: .noon)?.run
        else { throw SQLError.damaged("no runs") }
        await note("runs, oldest first") { try await text(store.runs()) }
        for (state, reason) in zip(RunState.allCases, NastyText.all) {
            first.state = state
            first.reason = reason
            first.exitCode = Int(Int32.min)
            first.finishedAt = Timestamp(milliseconds: .max)
            first.startedAt = Timestamp(milliseconds: .min)
            first.containerID = try .example()
            let changed = first
            await note("updated") {
                try await store.update([changed])
                return try await text(store.runs())
            }
        }
        var other = second
        other.containerID = first.containerID
        let both = [first, other]
        await note("two of one container") { "\(try await store.update(both))" }
        await note("neither was kept") { try await text(store.runs()) }
        await note("renamed") { "\(try await store.rename(second) != second.name)" }
    }

    private func tellOfRefusals(_ web: AppName, _ host: HostName) async throws {
        await note("a state that is none") { try await run("UPDATE runs SET state = 'lazy'", []) }
        await note("a release of none") { try await run("UPDATE runs SET release_number = 99", []) }
        await note("a release that is used") { try await run("DELETE FROM releases", []) }
        await note("NULL") { try await run("UPDATE runs SET name = NULL", []) }
        await note("release 0") { try await run("UPDATE apps SET current_release = 0", []) }
        await note("a name twice") { try await run("INSERT INTO apps VALUES ('web', 1, 0, 0)", []) }
        await note("still") { try await text(store.runs()) }
    }

    private func run(_ sql: String, _ arguments: [SQLValue]) async throws -> String {
        "\(try await store.database.write { try $0.run(sql, arguments) })"
    }

    private func tellOfHosts(_ host: HostName) async throws {
        for endpoint in ["unix:///a.sock", "unix:///b.sock", "unix:///b.sock"] {
            await note("hosts") {
                try await store.keepHosts([(host, EngineAddress(endpoint))], at: .noon)
                return try await hosts()
            }
        }
        var far = try Host(name: HostName("far"), address: EngineAddress("ssh://far"), source: .api)
        let first = far
        await note("added") {
            try await store.addHost(first, by: .example("h"), at: .noon)
            return try await hosts()
        }
        for isRepeated in [true, false] {
            await note("added by this request") {
                "\(try await store.hasAdded(first.name, by: .example("h", isRepeated: isRepeated)))"
            }
        }
        await note("added by another request") {
            "\(try await store.hasAdded(first.name, by: .example("i", isRepeated: true)))"
        }
        far.address = try EngineAddress("ssh://other:22")
        far.isDrained = true
        let moved = far
        await note("moved and drained") {
            try await store.update(moved, at: .later)
            return "\(try await store.hostsOfAPI()) \(try await store.drainedHosts())"
        }
        await note("given by a flag") {
            try await store.keepHosts([(moved.name, moved.address)], at: .later)
            return "\(try await store.hostsOfAPI()) \(try await hosts())"
        }
        await note("an unknown source") { try await run("UPDATE hosts SET source = 'x'", []) }
        await note("drained twice") { try await run("UPDATE hosts SET is_drained = 2", []) }
        await note("deleted") {
            try await store.deleteHost(moved.name)
            return try await hosts()
        }
    }

    private func tellOfPolicy() async throws {
        await note("no policy") { "\(try await store.policy() == nil)" }
        var policy = Policy()
        policy.images = [try ImagePattern("reg.example/*")]
        for limit in [nil, 0, 0, 7] {
            policy.maxRunsPerApp = limit
            let kept = policy
            await note("policy") {
                try await store.keep(kept, by: .tester, at: .later)
                return try await store.policy()?.json.text ?? "nil"
            }
        }
        await note("a second policy") { try await run("INSERT INTO policy VALUES (2, '{}', 0, 'x')", []) }
        await note("one policy") { try await run("UPDATE policy SET updated_at = 1", []) }
    }

    private func tellOfAudit() async throws {
        var id = AuditID(firstAt: .noon)
        for (text, result) in zip(NastyText.all, [AuditEntry.Result.ok, .failed, .denied, .ok]) {
            id = id.next(at: .noon)
            let row = AuditRow(id: id, entry: .example(target: text, result: result, code: text))
            await note("audited") { "\(try await store.appendAudit([row]))" }
        }
        for order in [AuditOrder.newestFirst, .oldestFirst] {
            await note("rows") { "\(try await store.auditRows(AuditFilter(), order, after: nil, limit: 2))" }
            await note("all rows") { "\(try await store.auditRows(AuditFilter(), order, after: nil, limit: 9))" }
        }
        var filter = AuditFilter()
        (filter.actor, filter.action, filter.target) = ("ci", "patchApp", NastyText.all[0])
        await note("some rows") { "\(try await store.auditRows(filter, .newestFirst, after: nil, limit: 9))" }
        filter.actor = "CI"
        await note("no rows") { "\(try await store.auditRows(filter, .newestFirst, after: nil, limit: 9))" }
        await note("extent") { "\(try await store.auditExtent())" }
        await note("an unknown result") { try await run("UPDATE audit SET result = 'x'", []) }
        await note("deleted oldest") { "\(try await store.deleteOldestAudit(limit: 1))" }
        await note("deleted before") { "\(try await store.deleteAudit(before: id, limit: 1))" }
        await note("left") { "\(try await store.auditExtent())" }
    }

    private func hosts() async throws -> String {
        try await store.database.read {
            try $0.rows("SELECT * FROM hosts ORDER BY name", []).map(\.values).description
        }
    }

    private func tellOfTokens() async throws {
        let token = try AccessToken.example("ci", hash: "a", apps: "web-*", "b")
        await note("token") {
            try await store.add(token)
            return try await "\(store.tokens())"
        }
        await note("token of a known name") {
            try await store.add(.example("ci", hash: "b"))
            return "added"
        }
        await note("token of a known hash") {
            try await store.add(.example("cd", hash: "a"))
            return "added"
        }
        await note("token of no role") { try await run("UPDATE tokens SET role = 'owner'", []) }
        await note("used") {
            try await store.recordUse(of: [token.id: .later, "none": .later])
            return try await "\(store.tokens())"
        }
        let session = BrowserSession(token: token.id, expiresAt: .later)
        await note("session") {
            try await store.add(session, TokenHash(of: TokenText("s")), at: .noon)
            return try await "\(store.browserSessions())"
        }
        await note("session of no token") {
            try await store.add(BrowserSession(token: "x", expiresAt: .later), TokenHash(of: TokenText("t")), at: .noon)
            return "added"
        }
        await note("sessions of a deleted token") {
            try await store.deleteToken(token.id)
            return try await "\(store.browserSessions().count)"
        }
        await note("no tokens") { try await "\(store.tokens())" }
    }

    private func tellOfDeletion(_ web: AppName, _ host: HostName) async throws {
        let runs = Set(try await store.runs().map(\.id))
        await note("deleted with an unknown run") {
            "\(try await store.deleteApp(web, withRuns: Set(runs.dropFirst())))"
        }
        await note("deleted") { "\(try await store.deleteApp(web, withRuns: runs))" }
        await note("deleted again") { "\(try await store.deleteApp(web, withRuns: runs))" }
        await note("no runs") { try await text(store.runs()) }
        await note("check") { "\(try await store.check())" }
    }

    private func text(_ app: App?) throws -> String {
        guard let app else { return "nil" }
        let settings = app.settings.stored
        return "\(app.name) \(app.release) \(settings) \(app.createdAt) \(app.updatedAt)"
    }

    private func text(_ runs: [Run]) -> String { runs.map(text).joined(separator: "; ") }

    private func text(_ run: Run) -> String {
        let parts: [Any?] = [
            placeholder(run.id.description), placeholder(run.name.description), run.app, run.release, run.host,
            run.image,
            run.state, run.containerID, run.exitCode, run.reason, run.isOutOfMemory, run.createdAt,
            run.startedAt?.milliseconds,
            run.finishedAt?.milliseconds,
        ]
        return parts.map { $0.map { "\($0)" } ?? "nil" }.joined(separator: " ")
    }

    private func placeholder(_ random: String) -> String {
        if !known.contains(random) { known.append(random) }
        return "#\(known.firstIndex(of: random) ?? 0)"
    }
}

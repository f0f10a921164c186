import Berth
import BerthAPI
import SQL

/// Reads the whole store as the server does, so that the server meets no invalid value later.
///
/// For a store in SQLite, which does not enforce the types of columns.
struct StoreValidator {
    let store: Store

    private var part: Int { 1000 }

    /// - Throws: ``SQLError/damaged(_:)`` at the first value that Berth never writes.
    func validate() async throws {
        for table in SQLTable.all { try await checkTypes(of: table) }
        try await checkHosts()
        try await checkApps()
        try await checkRuns()
        try await checkOverrides()
        try await checkAnswers()
        try await checkLogs()
        _ = try await store.policy()
        try await store.checkTokens()
        try await reading("a secret has a name") { try await store.checkSecrets() }
    }

    /// Checks each value against the declared type and length of its column; times must be before the year 10000.
    private func checkTypes(of table: SQLTable) async throws {
        let columns = try await store.database.read { connection in
            try connection.rows("SELECT name, type FROM pragma_table_info(?)", [.text(table.name)])
                .map { (name: try $0.text("name"), type: try $0.text("type")) }
        }
        let faults = columns.map { Self.fault(of: $0.name, type: $0.type) }.joined(separator: " OR ")
        let isWrong = try await store.database.read { connection in
            try connection.has("SELECT 1 FROM \(table.name) WHERE \(faults) LIMIT 1")
        }
        guard !isWrong else { throw SQLError.damaged("a value in \(table.name) has the wrong type") }
    }

    private static func fault(of column: String, type: String) -> String {
        guard type.hasPrefix("BIGINT") else {
            let length = type.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
            let isWrong = "typeof(\(column)) NOT IN ('text', 'null')"
            return length.isEmpty ? isWrong : "\(isWrong) OR length(\(column)) > \(length)"
        }
        let range =
            switch column {
            case "id": "0 AND \(AuditID.last.cursor)"
            case _ where column.hasSuffix("_at"): "0 AND 253402300799999"
            default: "-2147483648 AND 2147483647"
            }
        return "typeof(\(column)) NOT IN ('integer', 'null') OR \(column) NOT BETWEEN \(range)"
    }

    private func checkHosts() async throws {
        let names = try await store.database.read { try $0.texts("SELECT name FROM hosts") }
        for name in names { _ = try await reading("a host has a name") { try HostName(name) } }
        guard try await store.hostsOfAPI().count <= Hosts.maximum else {
            throw SQLError.damaged("there are more than \(Hosts.maximum) hosts from the API")
        }
    }

    private func checkApps() async throws {
        var count = 0
        var last = ""
        while true {
            let apps = try await reading("an app has a value") { try await store.apps(after: last, limit: part) }
            for app in apps { try await checkReleases(of: app.name) }
            count += apps.count
            guard let end = apps.last, apps.count == part else { break }
            last = end.name.description
        }
        let all = try await store.database.read { try SQLTable.apps.count(in: $0) }
        guard count == all else { throw SQLError.damaged("an app refers to a release that does not exist") }
    }

    private func checkReleases(of app: AppName) async throws {
        var first = Int.max
        while true {
            let before = first
            let releases = try await reading("a release has a value") {
                try await store.releases(of: app, before: before, limit: part)
            }
            guard let end = releases.last, releases.count == part else { return }
            first = end.number
        }
    }

    private func checkRuns() async throws {
        var last: Run?
        while true {
            let before = last
            let runs = try await reading("a run has a value") { try await store.runs(after: before, limit: part) }
            for run in runs where !run.isAsRecorded { throw SQLError.damaged("a run has invalid values") }
            guard runs.count == part else { break }
            last = runs.last
        }
        // The reader treats an invalid id as a missing one.
        let ids = "container_id IS NOT NULL AND (length(container_id) <> 64 OR container_id GLOB '*[^0-9a-f]*')"
        let isWrong = try await store.database.read { connection in
            try connection.has("SELECT 1 FROM runs WHERE \(ids) LIMIT 1")
        }
        guard !isWrong else { throw SQLError.damaged("a run has an invalid container id") }
    }

    private func checkOverrides() async throws {
        try await eachText("runs", key: "id", column: "overrides") { text in
            _ = try RunOverrides(stored: text)
        }
    }

    private func checkAnswers() async throws {
        try await eachText("idempotency_keys", key: "operation", column: "answer") { text in
            do {
                _ = try StoredAnswer(text: text)
            } catch {
                throw SQLError.damaged("an answer cannot be read: \(error)")
            }
        }
    }

    private func checkLogs() async throws {
        // Each may have 64 KiB.
        try await eachText("run_logs", key: "run", column: "content", part: 100) { text in
            guard KeptLog(stored: text, isComplete: true) != nil else {
                throw SQLError.damaged("a kept log has invalid content")
            }
        }
    }

    private func eachText(
        _ table: String,
        key: String,
        column: String,
        part: Int = 1000,
        _ check: @Sendable @escaping (String) throws -> Void
    ) async throws {
        var last: String?
        repeat {
            let before = last ?? ""
            last = try await store.database.read { connection in
                let rows = try connection.rows(
                    "SELECT \(key), \(column) FROM \(table) WHERE \(key) > ? ORDER BY \(key) LIMIT ?",
                    [.text(before), .integer(part)]
                )
                for row in rows { if let text = try row.optionalText(column) { try check(text) } }
                return try rows.last?.text(key)
            }
        } while last != nil
    }

    private func reading<Result>(_ what: String, _ read: () async throws -> Result) async throws -> Result {
        do {
            return try await read()
        } catch let error as InvalidValue {
            throw SQLError.damaged("\(what) that \(error.message)")
        }
    }
}

extension Run {
    fileprivate var isAsRecorded: Bool {
        RunID(id.description) != nil && RunName(name.description) != nil && release > 0
            && stopTimeout.map(AppSettings.stopTimeoutRange.contains) ?? true
            && maxRuntime.map(AppSettings.maxRuntimeRange.contains) ?? true
    }
}

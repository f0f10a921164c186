import DockerEngine
import JSON
import SQL

extension Store {
    /// A run to be started, and what to start it from.
    struct Intent: Sendable {
        let run: Run
        let settings: AppSettings
        let secrets: [Secret]
    }

    /// Records that containers of the app's release will be started.
    ///
    /// Must precede any request to the engine.
    ///
    /// - Parameters:
    ///   - items: one per run: its place in the request. Earlier runs of the caller's operation lose these places.
    ///   - wasQueued: whether the caller gets its response before the containers are started.
    /// - Returns: nil if the app has been changed or deleted since it was read.
    func recordIntents(
        of app: App,
        overrides: RunOverrides = RunOverrides(),
        items: [Int],
        on host: HostName,
        wasQueued: Bool,
        by caller: Caller,
        at now: Timestamp
    ) async throws -> [Intent]? {
        let settings = try app.settings.overridden(by: overrides)
        let overrides = overrides.stored
        return try await database.write { connection in
            guard try connection.isCurrent(app) else { return nil }
            let secrets = try connection.secrets(of: app.name)
            return try items.map { item in
                let place = caller.operation.map { RunPlace(operation: $0.id, item: item) }
                if let place, caller.operation?.isRepeated == true { try connection.vacate(place) }
                let run = try connection.insertRun(place: place, overrides: overrides) {
                    Run(
                        id: .random(),
                        name: .random(for: app.name),
                        app: app.name,
                        release: app.release,
                        host: host,
                        image: settings.image.description,
                        command: settings.command?.words,
                        stopTimeout: settings.stopTimeout,
                        maxRuntime: settings.maxRuntime,
                        wasQueued: wasQueued,
                        state: .pending,
                        createdAt: now
                    )
                }
                return Intent(run: run, settings: settings, secrets: secrets)
            }
        }
    }

    /// The recorded run and its settings, or nil if its record is gone.
    func intent(of run: Run) async throws -> Intent? {
        try await database.read { connection in
            guard let row = try connection.rows("SELECT overrides FROM runs WHERE id = ?", [.text(run.id)]).first,
                let release = try connection.release(run.release, of: run.app)
            else { return nil }
            let overrides = try row.optionalText("overrides").map { try RunOverrides(stored: $0) }
            return Intent(
                run: run,
                settings: try release.settings.overridden(by: overrides ?? RunOverrides()),
                secrets: try connection.secrets(of: run.app)
            )
        }
    }

    /// The runs that earlier attempts of an operation have recorded, by their place in the request.
    func runs(of operation: IdempotentRequest) async throws -> [Int: RunID] {
        try await database.read { connection in
            let rows = try connection.rows("SELECT item, id FROM runs WHERE operation = ?", [.text(operation.id)])
            return Dictionary(try rows.map { (try $0.integer("item"), RunID(recorded: try $0.text("id"))) }) {
                first,
                _ in first
            }
        }
    }

    /// Gives the run another name, because its own is taken on the engine.
    func rename(_ run: Run) async throws -> RunName {
        try await database.write { connection in
            for _ in 0..<5 {
                let name = RunName.random(for: run.app)
                guard try !connection.isTaken(name) else { continue }
                try connection.update(.runs, [("name", .text(name))], where: "id = ?", [.text(run.id)])
                return name
            }
            throw SQLError.unavailable("five generated names in a row already exist")
        }
    }

    /// Stores the changes of these runs.
    ///
    /// Deleted records are not created again.
    func update(_ runs: [Run]) async throws {
        try await database.write { connection in
            for run in runs { try connection.update(run) }
        }
    }

    /// All runs, oldest first.
    ///
    /// Reads them in parts, so that no single read takes long.
    func runs() async throws -> [Run] {
        let part = 2000
        var runs: [Run] = []
        while true {
            let next = try await self.runs(after: runs.last, limit: part)
            runs += next
            if next.count < part { return runs }
        }
    }

    /// At most `limit` runs after `run`, oldest first.
    package func runs(after run: Run?, limit: Int) async throws -> [Run] {
        let (time, id) = run.map { ($0.createdAt, $0.id.description) } ?? (Timestamp(milliseconds: .min), "")
        return try await database.read { connection in
            try connection.rows(
                "\(selectRun) WHERE created_at > ? OR (created_at = ? AND id > ?) ORDER BY created_at, id LIMIT ?",
                [.time(time), .time(time), .text(id), .integer(limit)]
            ).map(run(from:))
        }
    }

    /// Deletes the records of these runs.
    func deleteRuns(_ runs: [RunID]) async throws {
        try await database.writeEvenIfFull { connection in
            for run in runs { try connection.run("DELETE FROM runs WHERE id = ?", [.text(run)]) }
        }
    }
}

/// The place of a run in its request; at most one run has a given place at a time.
struct RunPlace: Sendable {
    let operation: String
    let item: Int
}

extension SQLConnection {
    /// Inserts a run that `make` makes with a new id and a random name.
    fileprivate func insertRun(place: RunPlace?, overrides: String?, _ make: () -> Run) throws -> Run {
        for _ in 0..<5 {
            let run = make()
            do {
                try insert(run, place: place, overrides: overrides)
                return run
            } catch SQLError.uniqueViolation {
                // Names are short, so a random one may be taken.
            }
        }
        throw SQLError.unavailable("five generated names in a row already exist")
    }

    func isTaken(_ name: RunName) throws -> Bool {
        try has("SELECT 1 FROM runs WHERE name = ?", [.text(name)])
    }

    func insert(_ run: Run, place: RunPlace? = nil, overrides: String? = nil) throws {
        let columns: [(String, SQLValue)] = [
            ("overrides", .text(overrides)), ("operation", .text(place?.operation)),
            ("item", .integer(place?.item)),
        ]
        try insert(into: .runs, run.fixedColumns + run.changingColumns + columns)
    }

    func update(_ run: Run) throws { try update(.runs, run.changingColumns, where: "id = ?", [.text(run.id)]) }

    /// Takes the place away from a run of an earlier attempt that failed.
    fileprivate func vacate(_ place: RunPlace) throws {
        try update(
            .runs,
            [("operation", .null), ("item", .null)],
            where: "operation = ? AND item = ?",
            [.text(place.operation), .integer(place.item)]
        )
    }
}

private let selectRun = "SELECT \(SQLTable.runs.selection) FROM runs"

extension Run {
    /// The columns that are written once, with the first record; the name changes only in ``Store/rename(_:)``.
    fileprivate var fixedColumns: [(String, SQLValue)] {
        [
            ("id", .text(id)), ("name", .text(name)), ("app", .text(app)),
            ("release_number", .integer(release)), ("host", .text(host)),
            ("command", .text(command?.json.text)), ("stop_timeout", .integer(stopTimeout)),
            ("max_runtime", .integer(maxRuntime)), ("is_promised", .integer(wasQueued ? 1 : 0)),
            ("created_at", .time(createdAt)),
        ]
    }

    fileprivate var changingColumns: [(String, SQLValue)] {
        [
            ("state", .text(state.rawValue)), ("container_id", .text(containerID)),
            ("image", .text(image)), ("image_id", .text(imageID)),
            ("ports", .text(ports.isEmpty ? nil : ports.json.text)), ("exit_code", .integer(exitCode)),
            ("reason", .text(reason)), ("out_of_memory", .integer(isOutOfMemory ? 1 : 0)),
            ("started_at", .time(startedAt)), ("finished_at", .time(finishedAt)),
        ]
    }
}

private func run(from row: SQLRow) throws -> Run {
    guard let state = RunState(rawValue: try row.text("state")) else {
        throw SQLError.damaged("a run has an unknown state")
    }
    var run = Run(
        id: RunID(recorded: try row.text("id")),
        name: RunName(recorded: try row.text("name")),
        app: try AppName(row.text("app")),
        release: try row.integer("release_number"),
        host: try HostName(row.text("host")),
        image: try row.text("image"),
        command: try row.optionalText("command").map { text in
            try storedValue(from: text, "the command of a run") { json throws(FieldErrors) in
                try FieldDecoder.words.read(json, .root)
            }
        },
        stopTimeout: try row.optionalInteger("stop_timeout"),
        maxRuntime: try row.optionalInteger("max_runtime"),
        wasQueued: try row.integer("is_promised") == 1,
        state: state,
        createdAt: try row.time("created_at")
    )
    run.containerID = try row.optionalText("container_id").flatMap { ContainerID($0) }
    run.exitCode = try row.optionalInteger("exit_code")
    run.reason = try row.optionalText("reason")
    run.isOutOfMemory = try row.integer("out_of_memory") == 1
    run.startedAt = try row.optionalTime("started_at")
    run.finishedAt = try row.optionalTime("finished_at")
    run.imageID = try row.optionalText("image_id")
    run.ports =
        try row.optionalText("ports").map { text in
            try storedValue(from: text, "the ports of a run") { json throws(FieldErrors) in
                try FieldDecoder.publishedPorts.read(json, .root)
            }
        } ?? []
    return run
}

import DockerEngine
import JSON

extension Store {
    /// A run that is about to be, and the settings that it is made from.
    struct Intent: Sendable {
        let run: Run
        let settings: AppSettings
    }

    /// Records, before anything is asked of the engine, that containers of the app's release are to be started.
    ///
    /// - Parameters:
    ///   - items: one for each run, its place in the request; earlier runs of the caller's operation lose theirs.
    ///   - wasQueued: whether the caller is answered before they are started.
    /// - Returns: nil if the app has been deleted since it was read.
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
            guard try connection.isStillThere(app) else { return nil }
            return try items.map { item in
                let place = caller.operation.map { RunPlace(operation: $0.id, item: item) }
                if let place, caller.operation?.isRepeated == true { try connection.vacate(place) }
                let run = try connection.insertRun(place: place, overrides: overrides) { id, name in
                    Run(
                        id: id,
                        name: name,
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
                } named: { generator in
                    .random(for: app.name, using: &generator)
                }
                return Intent(run: run, settings: settings)
            }
        }
    }

    /// What a recorded run is made from, or nil if its record is gone.
    func intent(of run: Run) async throws -> Intent? {
        try await database.read { connection in
            guard let row = try connection.rows("SELECT overrides FROM runs WHERE id = ?", [.text(run.id)]).first,
                let release = try connection.release(run.release, of: run.app)
            else { return nil }
            let overrides = try row.optionalText(0).map { try RunOverrides(stored: $0) }
            return Intent(run: run, settings: try release.settings.overridden(by: overrides ?? RunOverrides()))
        }
    }

    /// The runs that earlier attempts of an operation have recorded, by their place in the order.
    func runs(of operation: IdempotentRequest) async throws -> [Int: RunID] {
        try await database.read { connection in
            let rows = try connection.rows("SELECT item, id FROM runs WHERE operation = ?", [.text(operation.id)])
            return Dictionary(try rows.map { (try $0.integer(0), RunID(recorded: try $0.text(1))) }) { first, _ in first
            }
        }
    }

    /// Gives the run another name, because its own is taken on the engine.
    func rename(_ run: Run) async throws -> RunName {
        try await database.write { connection in
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<5 {
                let name = RunName.random(for: run.app, using: &generator)
                guard try !connection.isTaken(name) else { continue }
                try connection.run("UPDATE runs SET name = ? WHERE id = ?", [.text(name), .text(run.id)])
                return name
            }
            throw StoreError.unavailable("five names in a row are taken")
        }
    }

    /// Keeps what changed of these runs.
    ///
    /// Those whose record is gone stay gone.
    func update(_ runs: [Run]) async throws {
        try await database.write { connection in
            for run in runs { try connection.update(run) }
        }
    }

    /// All runs, the oldest first.
    ///
    /// Read in parts, so that no one reading takes long.
    func runs() async throws -> [Run] {
        let part = 2000
        var runs: [Run] = []
        while true {
            let next = try await self.runs(after: runs.last, limit: part)
            runs += next
            if next.count < part { return runs }
        }
    }

    /// At most `limit` runs, the oldest first, those after `run`.
    func runs(after run: Run?, limit: Int) async throws -> [Run] {
        let (time, id) = run.map { ($0.createdAt, $0.id.description) } ?? (Timestamp(milliseconds: .min), "")
        return try await database.read { connection in
            try connection.rows(
                "\(selectRun) WHERE created_at > ? OR (created_at = ? AND id > ?) ORDER BY created_at, id LIMIT ?",
                [.time(time), .time(time), .text(id), .integer(limit)]
            ).map(run(from:))
        }
    }

    /// Forgets these runs.
    func deleteRuns(_ runs: [RunID]) async throws {
        try await database.writeEvenIfFull { connection in
            for run in runs { try connection.run("DELETE FROM runs WHERE id = ?", [.text(run)]) }
        }
    }
}

/// The place of a run in what an operation asks for; one run has it at a time.
struct RunPlace: Sendable {
    let operation: String
    let item: Int
}

extension SQLConnection {
    /// Adds a run under a fresh id and a name that no other has.
    func insertRun(
        place: RunPlace? = nil,
        overrides: String? = nil,
        _ make: (RunID, RunName) throws -> Run,
        named name: (inout SystemRandomNumberGenerator) -> RunName
    ) throws -> Run {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5 {
            let run = try make(.random(using: &generator), name(&generator))
            do {
                try insert(run, place: place, overrides: overrides)
                return run
            } catch StoreError.uniqueViolation {
                // Names are short enough to come twice.
            }
        }
        throw StoreError.unavailable("five names in a row are taken")
    }

    func isTaken(_ name: RunName) throws -> Bool {
        try !rows("SELECT id FROM runs WHERE name = ?", [.text(name)]).isEmpty
    }

    func insert(_ run: Run, place: RunPlace? = nil, overrides: String? = nil) throws {
        let command = run.command?.json.text
        try self.run(
            """
            INSERT INTO runs (id, name, app, release_number, host, image, command, stop_timeout, max_runtime,
                is_promised, state, out_of_memory, created_at, overrides, operation, item)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
            """,
            [
                .text(run.id), .text(run.name), .text(run.app), .integer(run.release), .text(run.host),
                .text(run.image), .text(command), .integer(run.stopTimeout), .integer(run.maxRuntime),
                .integer(run.wasQueued ? 1 : 0), .text(run.state.rawValue), .time(run.createdAt),
                .text(overrides), .text(place?.operation), .integer(place?.item),
            ]
        )
    }

    func update(_ run: Run) throws {
        let ports = run.ports.isEmpty ? nil : run.ports.json.text
        try self.run(
            """
            UPDATE runs SET state = ?, container_id = ?, image = ?, image_id = ?, ports = ?, exit_code = ?, reason = ?,
                out_of_memory = ?, started_at = ?, finished_at = ? WHERE id = ?
            """,
            [
                .text(run.state.rawValue), .text(run.containerID), .text(run.image), .text(run.imageID),
                .text(ports),
                .integer(run.exitCode), .text(run.reason), .integer(run.isOutOfMemory ? 1 : 0),
                .time(run.startedAt), .time(run.finishedAt), .text(run.id),
            ]
        )
    }

    /// An earlier attempt left a run here that came to nothing.
    fileprivate func vacate(_ place: RunPlace) throws {
        try run(
            "UPDATE runs SET operation = NULL, item = NULL WHERE operation = ? AND item = ?",
            [.text(place.operation), .integer(place.item)]
        )
    }
}

private let selectRun = """
    SELECT id, name, app, release_number, host, image, state, container_id, exit_code, reason, out_of_memory,
        created_at, started_at, finished_at, command, stop_timeout, max_runtime, is_promised, image_id, ports FROM runs
    """

private func run(from row: SQLRow) throws -> Run {
    guard let state = RunState(rawValue: try row.text(6)) else {
        throw StoreError.damaged("a run is in no known state")
    }
    var run = Run(
        id: RunID(recorded: try row.text(0)),
        name: RunName(recorded: try row.text(1)),
        app: try AppName(row.text(2)),
        release: try row.integer(3),
        host: try HostName(row.text(4)),
        image: try row.text(5),
        command: try row.optionalText(14).map { text in
            try storedValue(from: text, "the command of a run") { json throws(FieldErrors) in
                try FieldDecoder.words.read(json, .root)
            }
        },
        stopTimeout: try row.optionalInteger(15),
        maxRuntime: try row.optionalInteger(16),
        wasQueued: try row.integer(17) == 1,
        state: state,
        createdAt: try row.time(11)
    )
    run.containerID = try row.optionalText(7).flatMap { ContainerID($0) }
    run.exitCode = try row.optionalInteger(8)
    run.reason = try row.optionalText(9)
    run.isOutOfMemory = try row.integer(10) == 1
    run.startedAt = try row.optionalTime(12)
    run.finishedAt = try row.optionalTime(13)
    run.imageID = try row.optionalText(18)
    run.ports =
        try row.optionalText(19).map { text in
            try storedValue(from: text, "the ports of a run") { json throws(FieldErrors) in
                try FieldDecoder.publishedPorts.read(json, .root)
            }
        } ?? []
    return run
}

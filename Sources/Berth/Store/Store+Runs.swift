import DockerEngine

extension Store {
    /// A run that is about to be, and the settings that it is made from.
    struct Intent: Sendable {
        let run: Run
        let settings: AppSettings
    }

    /// Records, before anything is asked of the engine, that a container of the app's current release shall be.
    ///
    /// - Returns: nil if there is no such app.
    func recordIntent(of app: AppName, on host: HostName, at now: Timestamp) async throws -> Intent? {
        try await database.write { connection in
            guard let app = try connection.app(app) else { return nil }
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<5 {
                let run = Run(
                    id: .random(using: &generator),
                    name: .random(for: app.name, using: &generator),
                    app: app.name,
                    release: app.release,
                    host: host,
                    image: app.settings.image.description,
                    state: .pending,
                    createdAt: now
                )
                if try connection.insert(run) { return Intent(run: run, settings: app.settings) }
            }
            throw StoreError.unavailable("five names in a row are taken")
        }
    }

    /// Gives the run another name, because its own is taken on the engine.
    func rename(_ run: Run) async throws -> RunName {
        try await database.write { connection in
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<5 {
                let name = RunName.random(for: run.app, using: &generator)
                guard try connection.rows("SELECT id FROM runs WHERE name = ?", [.text(name)]).isEmpty else { continue }
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
            for run in runs {
                try connection.run(
                    """
                    UPDATE runs SET state = ?, container_id = ?, exit_code = ?, reason = ?, out_of_memory = ?,
                        started_at = ?, finished_at = ? WHERE id = ?
                    """,
                    [
                        .text(run.state.rawValue), .text(run.containerID), .integer(run.exitCode), .text(run.reason),
                        .integer(run.isOutOfMemory ? 1 : 0), .time(run.startedAt), .time(run.finishedAt), .text(run.id),
                    ]
                )
            }
        }
    }

    /// All runs, the oldest first.
    func runs() async throws -> [Run] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT id, name, app, release_number, host, image, state, container_id, exit_code, reason,
                    out_of_memory, created_at, started_at, finished_at FROM runs ORDER BY created_at, id
                """,
                []
            ).map(run(from:))
        }
    }
}

extension SQLConnection {
    /// Whether it was added; false when its name is taken.
    fileprivate func insert(_ run: Run) throws -> Bool {
        guard try rows("SELECT id FROM runs WHERE name = ?", [.text(run.name)]).isEmpty else { return false }
        try self.run(
            """
            INSERT INTO runs (id, name, app, release_number, host, image, state, out_of_memory, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)
            """,
            [
                .text(run.id), .text(run.name), .text(run.app), .integer(run.release), .text(run.host),
                .text(run.image), .text(run.state.rawValue), .time(run.createdAt),
            ]
        )
        return true
    }
}

private func run(from row: SQLRow) throws -> Run {
    guard let state = RunState(rawValue: try row.text(6)) else {
        throw StoreError.damaged("a run is in no known state")
    }
    return Run(
        id: RunID(recorded: try row.text(0)),
        name: RunName(recorded: try row.text(1)),
        app: try AppName(row.text(2)),
        release: try row.integer(3),
        host: try HostName(row.text(4)),
        image: try row.text(5),
        state: state,
        containerID: try row.optionalText(7).flatMap { ContainerID($0) },
        exitCode: try row.optionalInteger(8),
        reason: try row.optionalText(9),
        isOutOfMemory: try row.integer(10) == 1,
        createdAt: try row.time(11),
        startedAt: try row.optionalTime(12),
        finishedAt: try row.optionalTime(13)
    )
}

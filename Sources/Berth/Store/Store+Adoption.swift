extension Store {
    /// Keeps a run whose record was lost, with its app and release where those are lost too.
    ///
    /// - Returns: the run, under another name where its own is taken; nil if the run or its container is recorded.
    func adopt(_ adoption: Adoption) async throws -> Run? {
        let run = adoption.run
        let settings = adoption.settings.stored
        return try await database.write { connection in
            let known = try connection.rows(
                "SELECT id FROM runs WHERE id = ? OR container_id = ?",
                [.text(run.id), .text(run.containerID)]
            )
            guard known.isEmpty else { return nil }
            try connection.restoreRelease(adoption, settings: settings)
            var adopted = run
            var generator = SystemRandomNumberGenerator()
            while try connection.isTaken(adopted.name) { adopted.name = .random(for: run.app, using: &generator) }
            try connection.insert(adopted)
            try connection.update(adopted)
            return adopted
        }
    }
}

extension SQLConnection {
    /// Makes the run's release, and its app, if they are not there.
    ///
    /// An app that is only known from its containers has the newest of their releases.
    fileprivate func restoreRelease(_ adoption: Adoption, settings: String) throws {
        let run = adoption.run
        guard try release(run.release, of: run.app) == nil else { return }
        let isKnown = try !rows("SELECT name FROM apps WHERE name = ?", [.text(run.app)]).isEmpty
        if !isKnown {
            try self.run(
                "INSERT INTO apps (name, current_release, created_at, updated_at) VALUES (?, ?, ?, ?)",
                [.text(run.app), .integer(run.release), .time(run.createdAt), .time(run.createdAt)]
            )
        }
        let release = Release(
            app: run.app,
            number: run.release,
            settings: adoption.settings,
            createdAt: run.createdAt,
            createdBy: nil,
            origin: .adopted
        )
        try add(release, settings: settings, by: nil)
        try self.run(
            """
            UPDATE apps SET current_release = ? WHERE name = ? AND current_release < ? AND NOT EXISTS (
                SELECT number FROM releases WHERE app = ? AND (origin IS NULL OR origin <> 'adopted'))
            """,
            [.integer(run.release), .text(run.app), .integer(run.release), .text(run.app)]
        )
    }
}

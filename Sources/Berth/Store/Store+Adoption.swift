import SQL

extension Store {
    /// Stores a run whose record was lost, with its app and release if those are lost too.
    ///
    /// - Returns: the run, under another name if its own is taken; nil if the run or its container is already recorded.
    func adopt(_ adoption: Adoption) async throws -> Run? {
        let run = adoption.run
        let settings = adoption.settings.stored
        return try await database.write { connection in
            let isKnown = try connection.has(
                "SELECT 1 FROM runs WHERE id = ? OR container_id = ?",
                [.text(run.id), .text(run.containerID)]
            )
            guard !isKnown else { return nil }
            try connection.restoreRelease(adoption, settings: settings)
            var adopted = run
            while try connection.isTaken(adopted.name) { adopted.name = .random(for: run.app) }
            try connection.insert(adopted)
            return adopted
        }
    }
}

extension SQLConnection {
    /// Adds the run's release and its app if they do not exist.
    ///
    /// The current release of an app that is known only from its containers is the newest of their releases.
    fileprivate func restoreRelease(_ adoption: Adoption, settings: String) throws {
        let run = adoption.run
        guard try release(run.release, of: run.app) == nil else { return }
        if try !has("SELECT 1 FROM apps WHERE name = ?", [.text(run.app)]) {
            try addApp(run.app, release: run.release, at: run.createdAt)
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
        try update(
            .apps,
            [("current_release", .integer(run.release))],
            where: """
                name = ? AND current_release < ? AND NOT EXISTS (
                    SELECT number FROM releases WHERE app = ? AND (origin IS NULL OR origin <> 'adopted'))
                """,
            [.text(run.app), .integer(run.release), .text(run.app)]
        )
    }
}

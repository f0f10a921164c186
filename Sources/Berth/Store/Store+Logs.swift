import SQL

extension Store {
    /// Keeps the output of a finished run in place of what was kept before.
    ///
    /// Does nothing if the run's record is gone.
    func keep(_ log: KeptLog, of run: RunID) async throws {
        let (stored, isComplete) = (log.stored, log.isComplete)
        try await database.write { connection in
            guard try connection.has("SELECT 1 FROM runs WHERE id = ?", [.text(run)]) else { return }
            try connection.run("DELETE FROM run_logs WHERE run = ?", [.text(run)])
            try connection.insert(
                into: .runLogs,
                [("run", .text(run)), ("is_complete", .integer(isComplete ? 1 : 0)), ("content", .text(stored))]
            )
        }
    }

    /// Runs whose container has ended and whose output was not kept, the last ones first.
    func runsWithoutLog(limit: Int) async throws -> [RunID] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT id FROM runs WHERE state = 'exited' AND NOT EXISTS (SELECT 1 FROM run_logs WHERE run = runs.id)
                ORDER BY created_at DESC, id DESC LIMIT ?
                """,
                [.integer(limit)]
            ).map { RunID(recorded: try $0.text("id")) }
        }
    }

    /// Nil if nothing was kept.
    ///
    /// - Throws: `SQLError`; `damaged` for a content that Berth never writes.
    func log(of run: RunID) async throws -> KeptLog? {
        let row = try await database.read { connection in
            try connection.rows("SELECT is_complete, content FROM run_logs WHERE run = ?", [.text(run)]).first
        }
        guard let row else { return nil }
        guard let log = KeptLog(stored: try row.text("content"), isComplete: try row.integer("is_complete") == 1) else {
            throw SQLError.damaged("a kept log has invalid content")
        }
        return log
    }
}

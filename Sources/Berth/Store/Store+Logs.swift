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

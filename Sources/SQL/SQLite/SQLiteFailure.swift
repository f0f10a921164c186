import GRDB
import GRDBSQLite
import Glibc

extension SQLError {
    /// Translates an SQLite error.
    ///
    /// - Parameter database: the connection that failed, if there was one.
    init(sqlite error: any Error, on database: Database? = nil) {
        switch error {
        case let error as SQLError: self = error
        case let error as DatabaseError:
            self.init(error, systemError: sqlite3_system_errno(database?.sqliteConnection))
        default: self = .unavailable("SQLite: \(error)")
        }
    }

    /// - Parameter systemError: the `errno` of the last file operation that failed.
    init(_ error: DatabaseError, systemError: Int32) {
        let text = "SQLite: \(error.message ?? "\(error.resultCode)")\(Self.advice(error.resultCode, systemError))"
        self =
            switch (error.extendedResultCode, error.resultCode) {
            case (.SQLITE_CONSTRAINT_UNIQUE, _), (.SQLITE_CONSTRAINT_PRIMARYKEY, _): .uniqueViolation
            case (.SQLITE_CONSTRAINT_FOREIGNKEY, _): .foreignKeyViolation
            case (.SQLITE_CONSTRAINT_CHECK, _), (.SQLITE_CONSTRAINT_NOTNULL, _): .checkViolation
            case (_, .SQLITE_FULL): .full
            // SQLite reports FULL for a write alone: not for an exceeded quota, for a sync, or when it creates or
            // extends the files of the log.
            case (_, .SQLITE_IOERR), (_, .SQLITE_CANTOPEN):
                systemError == ENOSPC || systemError == EDQUOT ? .full : .unavailable(text)
            default: .unavailable(text)
            }
    }

    private static func advice(_ code: ResultCode, _ systemError: Int32) -> String {
        switch code {
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: systemError == 0 ? "" : " (\(String(cString: strerror(systemError))))"
        case .SQLITE_READONLY: ". Check that this user owns the file and may write to its directory"
        default: ""
        }
    }
}

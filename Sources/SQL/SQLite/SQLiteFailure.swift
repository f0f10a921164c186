import GRDB
import GRDBSQLite
import Glibc

extension SQLError {
    /// What SQLite's refusal means.
    ///
    /// - Parameter database: the connection that refused, if there was one.
    init(sqlite error: any Error, on database: Database? = nil) {
        switch error {
        case let error as SQLError: self = error
        case let error as DatabaseError:
            self.init(error, systemError: sqlite3_system_errno(database?.sqliteConnection))
        default: self = .unavailable("SQLite: \(error)")
        }
    }

    /// - Parameter systemError: the `errno` of the last operation on a file that failed.
    init(_ error: DatabaseError, systemError: Int32) {
        let text = "SQLite: \(error.message ?? "\(error.resultCode)")\(Self.advice(error.resultCode, systemError))"
        self =
            switch (error.extendedResultCode, error.resultCode) {
            case (.SQLITE_CONSTRAINT_UNIQUE, _), (.SQLITE_CONSTRAINT_PRIMARYKEY, _): .uniqueViolation
            case (.SQLITE_CONSTRAINT_FOREIGNKEY, _): .foreignKeyViolation
            case (.SQLITE_CONSTRAINT_CHECK, _), (.SQLITE_CONSTRAINT_NOTNULL, _): .checkViolation
            case (_, .SQLITE_FULL): .full
            // SQLite says FULL for a write alone: not when a quota is used up, nor for a sync, nor when it makes or
            // lengthens the files of the log.
            case (_, .SQLITE_IOERR), (_, .SQLITE_CANTOPEN):
                systemError == ENOSPC || systemError == EDQUOT ? .full : .unavailable(text)
            default: .unavailable(text)
            }
    }

    private static func advice(_ code: ResultCode, _ systemError: Int32) -> String {
        switch code {
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: systemError == 0 ? "" : " (\(String(cString: strerror(systemError))))"
        case .SQLITE_READONLY: ". Is this its owner, and may it write to the directory of the file?"
        default: ""
        }
    }
}

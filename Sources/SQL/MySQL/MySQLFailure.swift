import CMariaDB

/// An error from the server or from libmariadb.
struct MySQLFailure: Error, Sendable, Equatable {
    /// A code from <mysqld_error.h> or <errmsg.h>; 0 for an error of Berth's own.
    let code: UInt32
    /// For logs.
    let message: String

    init(_ message: String) { self.init(0, message) }

    init(_ code: UInt32, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ statement: UnsafeMutablePointer<MYSQL_STMT>) {
        self.init(inSession: mysql_stmt_errno(statement), String(cString: mysql_stmt_error(statement)))
    }

    init(_ connection: UnsafeMutablePointer<MYSQL>) {
        self.init(inSession: mysql_errno(connection), String(cString: mysql_error(connection)))
    }

    /// The error of a failed attempt to connect.
    init(connecting connection: UnsafeMutablePointer<MYSQL>) {
        self.init(mysql_errno(connection), String(cString: mysql_error(connection)))
    }

    /// A TLS failure in an established session means that the connection is lost.
    private init(inSession code: UInt32, _ message: String) {
        self.init(code == 2026 ? 2013 : code, message)
    }

    /// Whether the connection is unusable from now on.
    var isLostConnection: Bool {
        switch code {
        // Client errors: refused, gone, lost, out of step.
        case 2002, 2003, 2006, 2012, 2013, 2014, 2027, 2055: true
        // Shutting down; killed; closed as idle (reported by MySQL 8); statements forgotten.
        case 1053, 1079, 1152, 1154...1161, 1243, 1927, 3169, 4031: true
        default: false
        }
    }

    /// Whether a new session may succeed where this one fails.
    var endsSession: Bool { isLostConnection || isOfReadOnlyServer }

    /// Whether the server accepts no further session for now, from anyone or from this user.
    var isLackOfSessions: Bool {
        switch code {
        case 1040, 1135, 1203: true
        // Sent for several per-user limits.
        case 1226: message.contains("connections")
        default: false
        }
    }

    /// Whether the transaction was rolled back because of a concurrent one, so that a retry can succeed.
    var isRepeatable: Bool {
        switch code {
        // Changed since it was read; lock wait timeout; deadlock; table definition changed; rolled back by group
        // replication.
        case 1020, 1205, 1213, 1615, 3101: true
        default: false
        }
    }

    /// Whether this server rejects changes, as a replica or a demoted primary does.
    ///
    /// Nothing of the transaction was kept, even if COMMIT fails with this error. The address may lead to another
    /// server by now, which only a new session reaches.
    var isOfReadOnlyServer: Bool {
        switch code {
        // Also sent for other options.
        case 1290: ["read-only", "read_only"].contains { message.lowercased().contains($0) }
        // A read-only table, transaction, server or schema; a node that left its Galera cluster or replication group.
        case 1036, 1792, 1836, 3989, 1047, 3100: true
        default: false
        }
    }

    var storeError: SQLError {
        switch code {
        case 1022, 1062, 1169, 1586, 1761, 1762: .uniqueViolation
        case 1216, 1217, 1451, 1452: .foreignKeyViolation
        // CHECK in MariaDB and in MySQL; NULL in a NOT NULL column; too long, too large, not a number.
        case 4025, 3819, 1048, 1364, 1264, 1366, 1406: .checkViolation
        case 1021, 1114: .full
        // A table, column or index exists already or does not exist.
        case 1050, 1051, 1054, 1060, 1061, 1091, 1146: .schemaConflict(text)
        // A file operation failed: on the table, the binary log or a temporary file.
        case 3, 1005, 1026, 1030, 1878: isOfFullDisk ? .full : .unavailable(text)
        default: .unavailable(text)
        }
    }

    /// Whether the message names ENOSPC or EDQUOT as its cause.
    private var isOfFullDisk: Bool {
        ["error 28 ", "errno: 28 ", "Errcode: 28 ", "errno: 122 ", "Errcode: 122 "].contains { message.contains($0) }
    }

    private var text: String { code == 0 ? "MySQL: \(message)" : "MySQL: \(message) (\(code))" }
}

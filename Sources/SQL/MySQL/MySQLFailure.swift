import CMariaDB

/// What the server or libmariadb said instead of doing it.
struct MySQLFailure: Error, Sendable, Equatable {
    /// Of <mysqld_error.h> and <errmsg.h>; 0 where it is our own.
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

    /// Why there is no connection.
    init(connecting connection: UnsafeMutablePointer<MYSQL>) {
        self.init(mysql_errno(connection), String(cString: mysql_error(connection)))
    }

    /// A failure of TLS, once it was there, is the way in which an encrypted connection is lost.
    private init(inSession code: UInt32, _ message: String) {
        self.init(code == 2026 ? 2013 : code, message)
    }

    /// Whether the connection is of no more use.
    var isLostConnection: Bool {
        switch code {
        // Of the client: refused, gone, lost, out of step.
        case 2002, 2003, 2006, 2012, 2013, 2014, 2027, 2055: true
        // Shutting down; killed; ended for its idleness, which MySQL 8 says; forgotten statements.
        case 1053, 1079, 1152, 1154...1161, 1243, 1927, 3169, 4031: true
        default: false
        }
    }

    /// Whether another session may do what this one cannot.
    var endsSession: Bool { isLostConnection || isOfReadOnlyServer }

    /// Whether the server gives no further session for now: to nobody, or not to this user.
    var isLackOfSessions: Bool {
        switch code {
        case 1040, 1135, 1203: true
        // Of several things that a user may have so many of.
        case 1226: message.contains("connections")
        default: false
        }
    }

    /// Whether the transaction was undone for another's sake, and would go through another time.
    var isRepeatable: Bool {
        switch code {
        // Changed since it was read; lock not given in time; deadlock; a table changed its form; undone by the group.
        case 1020, 1205, 1213, 1615, 3101: true
        default: false
        }
    }

    /// Whether this server takes no changes, as a replica or a demoted primary does.
    ///
    /// Nothing of the transaction was kept, also where COMMIT is answered so. The address may lead to another server by
    /// now, and only a new session gets there.
    var isOfReadOnlyServer: Bool {
        switch code {
        // Also said of other options.
        case 1290: ["read-only", "read_only"].contains { message.lowercased().contains($0) }
        // A table, a transaction, the server, the schema; a node of Galera or of a group that left its cluster.
        case 1036, 1792, 1836, 3989, 1047, 3100: true
        default: false
        }
    }

    var storeError: SQLError {
        switch code {
        case 1022, 1062, 1169, 1586, 1761, 1762: .uniqueViolation
        case 1216, 1217, 1451, 1452: .foreignKeyViolation
        // CHECK of MariaDB and of MySQL; NULL where none may be; too long, too large, no number.
        case 4025, 3819, 1048, 1364, 1264, 1366, 1406: .checkViolation
        case 1021, 1114: .full
        // Of tables, columns and indexes: there already, or not there.
        case 1050, 1051, 1054, 1060, 1061, 1091, 1146: .schemaConflict(text)
        // An operation on a file: of the table, the binary log, a temporary file.
        case 3, 1005, 1026, 1030, 1878: isOfFullDisk ? .full : .unavailable(text)
        default: .unavailable(text)
        }
    }

    /// Whether it names ENOSPC or EDQUOT as its cause.
    private var isOfFullDisk: Bool {
        ["error 28 ", "errno: 28 ", "Errcode: 28 ", "errno: 122 ", "Errcode: 122 "].contains { message.contains($0) }
    }

    private var text: String { code == 0 ? "MySQL: \(message)" : "MySQL: \(message) (\(code))" }
}

extension OpeningError {
    /// Explains why the database at `address` cannot be opened, and what to do about it.
    init(_ error: any Error, opening address: MySQLAddress) {
        guard let failure = error as? MySQLFailure else {
            self = .unreadable("\(address): \(error)")
            return
        }
        if failure == MySQLLock.isTakenByAnother {
            self = .inUse(address.description)
        } else {
            self = .unreadable("\(address): \(Self.advice(failure, address))")
        }
    }

    private static func advice(_ failure: MySQLFailure, _ address: MySQLAddress) -> String {
        if failure.isOfReadOnlyServer {
            return "this server takes no changes: it is a replica, or a primary that was demoted. Give the address of "
                + "the one that is written to, or SET GLOBAL read_only = 0. (\(failure.message))"
        }
        return switch failure.code {
        case 1045, 1698, 2059, 2061:
            "the server does not let this user in. Check user and password. (\(failure.message))"
        case 1044:
            "the user may not use this database. GRANT ALL ON \(quoted(address.database)).* TO … (\(failure.message))"
        case 1049:
            "there is no such database. CREATE DATABASE \(quoted(address.database)), and let the user in, "
                + "as docs/operations.md says."
        case 1130: "the server lets nobody in from this machine. Make the user for this host. (\(failure.message))"
        case 1040, 1135, 1203, 1226:
            "the server gives Berth no further session. It needs 2 and uses 8 at most; raise max_connections, or "
                + "max_user_connections of the server or of this user. (\(failure.message))"
        case 2005: "there is no host of this name. (\(failure.message))"
        case 2002, 2003, 2013: "no server answers there. Start it, or correct host and port. (\(failure.message))"
        case 2026:
            "no TLS connection that can be trusted: \(failure.message). Give the certificate's authority with "
                + "ca=/path; use the name that the certificate is for; tls=preferred does without both."
        default: failure.message
        }
    }

    private static func quoted(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }
}

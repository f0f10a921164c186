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
            return "this server is read-only: it is a replica, or a primary that was demoted. Use the address of the "
                + "primary, or SET GLOBAL read_only = 0. (\(failure.message))"
        }
        return switch failure.code {
        case 1045, 1698, 2059, 2061:
            "the server rejects this user. Check user and password. (\(failure.message))"
        case 1044:
            "the user may not use this database. GRANT ALL ON \(quoted(address.database)).* TO … (\(failure.message))"
        case 1049:
            "the database does not exist. CREATE DATABASE \(quoted(address.database)), and grant the user "
                + "access, as docs/operations.md describes."
        case 1130:
            "the server rejects connections from this machine. Create the user for this machine. (\(failure.message))"
        case 1040, 1135, 1203, 1226:
            "the server allows no more connections. Berth needs 2 and uses up to 8; increase max_connections, or "
                + "max_user_connections of the server or of this user. (\(failure.message))"
        case 2005: "the host name cannot be resolved. (\(failure.message))"
        case 2002, 2003, 2013:
            "no server responds at this address. Start the server, or correct host and port. (\(failure.message))"
        case 2026:
            "the TLS connection cannot be verified: \(failure.message). Specify the certificate authority with "
                + "ca=/path, and use the host name in the certificate; tls=preferred skips the verification."
        default: failure.message
        }
    }

    private static func quoted(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }
}

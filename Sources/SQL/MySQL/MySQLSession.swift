import CMariaDB

/// A connection to the server, for the one thread that made it.
final class MySQLSession: SQLConnection {
    /// What a session is for.
    enum Use {
        case reading
        case writing
    }

    /// The largest value or row that is sent or accepted.
    private static let maximumPacketBytes: UInt = 64 << 20
    /// More than Berth has; prepared statements cost the server memory.
    private static let maximumStatements = 100

    private let handle: UnsafeMutablePointer<MYSQL>
    let socket: Int32
    private var statements: [String: MySQLStatement] = [:]
    /// Why the current transaction can no longer be committed, even if its body ignores the error.
    private(set) var failure: MySQLFailure?

    /// - Parameter timeout: seconds to wait for a response.
    init(_ address: MySQLAddress, for use: Use, timeout: Int) throws(MySQLFailure) {
        handle = try Self.connected(address, timeout: UInt32(clamping: timeout))
        socket = mysql_get_socket(handle)
        try execute(Self.settings)
        try execute(isMariaDB ? Self.settingsOfMariaDB : Self.settingsOfMySQL)
        try execute(use.transactions)
    }

    deinit {
        statements = [:]
        mysql_close(handle)
    }

    var isMariaDB: Bool { mariadb_connection(handle) != 0 }
    /// As a number, 101119 for 10.11.19.
    var version: Int { Int(mysql_get_server_version(handle)) }
    var versionText: String { String(cString: mysql_get_server_info(handle)) }

    /// Settings that may differ between servers and would make a difference.
    ///
    /// A transaction begins implicitly with the first statement, which saves a request. The server closes an idle
    /// session after a minute. The lock depends on a session, so a machine that vanished holds it for at most that
    /// long.
    private static let settings = """
        SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
        NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT', autocommit = 0, foreign_key_checks = 1, \
        unique_checks = 1, innodb_lock_wait_timeout = 1, lock_wait_timeout = 1, wait_timeout = 60, \
        net_read_timeout = 30, net_write_timeout = 60, completion_type = 'NO_CHAIN', sql_safe_updates = 0, \
        sql_select_limit = 18446744073709551615, sql_big_selects = 1, sql_auto_is_null = 0, max_sort_length = 1024, \
        character_set_client = utf8mb4, character_set_connection = utf8mb4, character_set_results = utf8mb4, \
        time_zone = '+00:00', lc_messages = 'en_US'
        """

    /// Settings that only one of the two products knows.
    private static let settingsOfMariaDB = """
        SET SESSION check_constraint_checks = 1, max_statement_time = 0, alter_algorithm = 'DEFAULT', sql_if_exists = 0, \
        idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0
        """
    private static let settingsOfMySQL = "SET SESSION max_execution_time = 0"

    /// Runs `sql`, which has neither arguments nor a result.
    func execute(_ sql: String) throws(MySQLFailure) {
        guard mysql_real_query(handle, sql, UInt(sql.utf8.count)) == 0 else { throw MySQLFailure(handle) }
    }

    /// Commits all changes since the last commit.
    func commit() throws(MySQLFailure) {
        guard mysql_commit(handle) == 0 else { throw MySQLFailure(handle) }
    }

    /// Undoes all changes since the last commit.
    func rollBack() throws(MySQLFailure) {
        failure = nil
        guard mysql_rollback(handle) == 0 else { throw MySQLFailure(handle) }
    }

    /// Fails if the server reports that it is read-only, even if this user could still write.
    func checkWritable() throws(MySQLFailure) {
        do {
            let values = try rows("SELECT @@global.read_only, @@global.innodb_read_only", []).first?.values ?? []
            guard values.allSatisfy({ [.integer(0 as Int64), .text("0"), .text("OFF")].contains($0) }) else {
                throw MySQLFailure(1836, "the server is read-only")
            }
        } catch let error as MySQLFailure {
            throw error
        } catch {
            throw failure ?? MySQLFailure("the server does not say whether it is read-only: \(error)")
        }
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow] {
        let (columns, rows) = try remembering { () throws(MySQLFailure) in
            let statement = try statement(sql)
            return (statement.columns, try statement.rows(arguments))
        }
        var result: [SQLRow] = []
        result.reserveCapacity(rows.count)
        for row in rows { result.append(SQLRow(columns, try row.map(Self.known))) }
        return result
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int {
        try remembering { () throws(MySQLFailure) in try statement(sql).run(arguments) }
    }

    private static func known(_ value: SQLValue?) throws(SQLError) -> SQLValue {
        guard let value else { throw .damaged("a column contains neither an integer nor text") }
        return value
    }

    private func statement(_ sql: String) throws(MySQLFailure) -> MySQLStatement {
        if let statement = statements[sql] { return statement }
        let statement = try MySQLStatement(sql, on: handle)
        if statements.count >= Self.maximumStatements { statements = [:] }
        statements[sql] = statement
        return statement
    }

    /// Runs `body` unless the transaction is already lost; otherwise a caller that continues after an error would
    /// commit half of its changes.
    private func remembering<Value>(_ body: () throws(MySQLFailure) -> Value) throws(SQLError) -> Value {
        if let failure { throw failure.storeError }
        do {
            return try body()
        } catch {
            if error.endsSession || error.isRepeatable { failure = error }
            throw error.storeError
        }
    }
}

extension MySQLSession.Use {
    /// For a writer, each read locks its rows, so that the data behind a decision stays unchanged until the commit.
    fileprivate var transactions: String {
        switch self {
        case .reading: "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        case .writing: "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE"
        }
    }
}

extension MySQLSession {
    private static let library: Bool = mysql_server_init(0, nil, nil) == 0

    private static func connected(
        _ address: MySQLAddress,
        timeout: UInt32
    ) throws(MySQLFailure) -> UnsafeMutablePointer<MYSQL> {
        let password = try address.password.read()
        guard library, let handle = mysql_init(nil) else { throw MySQLFailure("not enough memory for a connection") }
        setOptions(of: handle, address, timeout: timeout)
        var host = "localhost"
        var port: UInt32 = 0
        var socket: String?
        switch address.place {
        case .tcp(let name, let number): (host, port) = (name, UInt32(number))
        case .socket(let path): socket = path
        }
        let flags = UInt(CLIENT_FOUND_ROWS)
        guard mysql_real_connect(handle, host, address.user, password, address.database, port, socket, flags) != nil
        else {
            defer { mysql_close(handle) }
            throw MySQLFailure(connecting: handle)
        }
        guard address.tls != .required || mysql_get_ssl_cipher(handle) != nil else {
            mysql_close(handle)
            throw MySQLFailure(2026, "the connection is not encrypted")
        }
        return handle
    }

    private static func setOptions(
        of handle: UnsafeMutablePointer<MYSQL>,
        _ address: MySQLAddress,
        timeout: UInt32
    ) {
        func set(_ option: mysql_option, _ number: UInt32) {
            _ = withUnsafePointer(to: number) { mysql_options(handle, option, $0) }
        }
        func set(_ option: mysql_option, _ flag: Bool) {
            _ = withUnsafePointer(to: my_bool(flag ? 1 : 0)) { mysql_options(handle, option, $0) }
        }
        let isSocket = if case .socket = address.place { true } else { false }
        // Set in any case: by default, libmariadb uses a socket for localhost.
        set(MYSQL_OPT_PROTOCOL, (isSocket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP).rawValue)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        set(MYSQL_OPT_CONNECT_TIMEOUT, 2)
        set(MYSQL_OPT_READ_TIMEOUT, timeout)
        set(MYSQL_OPT_WRITE_TIMEOUT, timeout)
        set(MYSQL_OPT_RECONNECT, false)
        set(MYSQL_OPT_LOCAL_INFILE, 0 as UInt32)
        _ = withUnsafePointer(to: maximumPacketBytes) { mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, $0) }
        // Excludes login methods that send the password itself to any server that requests it.
        mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, "mysql_native_password,caching_sha2_password,client_ed25519")
        set(MYSQL_OPT_SSL_ENFORCE, address.tls != .off)
        set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, address.tls == .required)
        guard address.tls != .off else { return }
        mysql_options(handle, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3")
        if let authorities = address.authorities { mysql_options(handle, MYSQL_OPT_SSL_CA, authorities) }
    }
}

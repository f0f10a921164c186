import CMariaDB

/// A prepared statement of one connection.
final class MySQLStatement {
    private let handle: UnsafeMutablePointer<MYSQL_STMT>
    private let result: MySQLResultBuffer?

    init(_ sql: String, on connection: UnsafeMutablePointer<MYSQL>) throws(MySQLFailure) {
        guard let handle = mysql_stmt_init(connection) else { throw MySQLFailure(connection) }
        self.handle = handle
        guard mysql_stmt_prepare(handle, sql, UInt(sql.utf8.count)) == 0 else {
            result = nil
            throw MySQLFailure(handle)
        }
        result = mysql_stmt_result_metadata(handle).map { metadata in
            defer { mysql_free_result(metadata) }
            return MySQLResultBuffer(metadata)
        }
    }

    deinit { mysql_stmt_close(handle) }

    /// Runs the statement and returns how many rows it changed; for an UPDATE, how many it matched.
    func run(_ arguments: [SQLValue]) throws(MySQLFailure) -> Int {
        try execute(arguments)
        let count = mysql_stmt_affected_rows(handle)
        mysql_stmt_free_result(handle)
        return Int(truncatingIfNeeded: count)
    }

    /// The columns of its result.
    var columns: SQLColumns { result?.columns ?? SQLColumns([]) }

    /// Runs the statement and fetches all rows, each value in its full length; nil for a value of another kind.
    func rows(_ arguments: [SQLValue]) throws(MySQLFailure) -> [[SQLValue?]] {
        guard let result else { throw MySQLFailure("the statement returned no result") }
        try execute(arguments)
        defer { mysql_stmt_free_result(handle) }
        guard result.bind(to: handle) else { throw MySQLFailure(handle) }
        var rows: [[SQLValue?]] = []
        while true {
            switch mysql_stmt_fetch(handle) {
            case 0, MYSQL_DATA_TRUNCATED: rows.append(try result.row(of: handle))
            case MYSQL_NO_DATA: return rows
            default: throw MySQLFailure(handle)
            }
        }
    }

    private func execute(_ arguments: [SQLValue]) throws(MySQLFailure) {
        guard mysql_stmt_param_count(handle) == UInt(arguments.count) else {
            throw MySQLFailure("the number of arguments differs from the number of placeholders")
        }
        let parameters = MySQLParameters(arguments)
        guard parameters.bind(to: handle), mysql_stmt_execute(handle) == 0 else { throw MySQLFailure(handle) }
        // The bound arguments must stay alive until here.
        withExtendedLifetime(parameters) {}
    }
}

/// Arguments of a statement, at stable addresses.
private final class MySQLParameters {
    private let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let numbers: UnsafeMutableBufferPointer<Int64>
    private let lengths: UnsafeMutableBufferPointer<UInt>
    private var texts: [UnsafeMutableBufferPointer<UInt8>] = []

    init(_ arguments: [SQLValue]) {
        binds = .allocate(capacity: arguments.count)
        numbers = .allocate(capacity: arguments.count)
        lengths = .allocate(capacity: arguments.count)
        binds.initialize(repeating: MYSQL_BIND())
        numbers.initialize(repeating: 0)
        lengths.initialize(repeating: 0)
        for (index, argument) in arguments.enumerated() { set(index, argument) }
    }

    deinit {
        for text in texts { text.deallocate() }
        lengths.deallocate()
        numbers.deallocate()
        binds.deallocate()
    }

    private func set(_ index: Int, _ value: SQLValue) {
        switch value {
        case .null:
            binds[index].buffer_type = MYSQL_TYPE_NULL
        case .integer(let number):
            numbers[index] = number
            binds[index].buffer_type = MYSQL_TYPE_LONGLONG
            binds[index].buffer = UnsafeMutableRawPointer(numbers.baseAddress?.advanced(by: index))
        case .text(let text):
            let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.utf8.count, 1))
            texts.append(bytes)
            let count = bytes.update(fromContentsOf: text.utf8)
            lengths[index] = UInt(count)
            binds[index].buffer_type = MYSQL_TYPE_STRING
            binds[index].buffer = UnsafeMutableRawPointer(bytes.baseAddress)
            binds[index].buffer_length = UInt(count)
            binds[index].length = lengths.baseAddress?.advanced(by: index)
        }
    }

    func bind(to handle: UnsafeMutablePointer<MYSQL_STMT>) -> Bool {
        binds.isEmpty || mysql_stmt_bind_param(handle, binds.baseAddress) == 0
    }
}

import CMariaDB

/// Receives the rows of a statement's result, at stable addresses.
final class MySQLResultBuffer {
    private enum Kind {
        case integer
        case unsignedInteger
        /// The type of sums; a sum of whole numbers has no fraction.
        case decimal
        case text
        case other
    }

    /// Room for a text of usual length; a longer one is fetched in a second step.
    private static let usualBytes = 1024

    let columns: SQLColumns
    private let kinds: [Kind]
    private let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let numbers: UnsafeMutableBufferPointer<Int64>
    private let lengths: UnsafeMutableBufferPointer<UInt>
    private let nulls: UnsafeMutableBufferPointer<my_bool>
    private let texts: UnsafeMutableBufferPointer<UInt8>

    init(_ metadata: UnsafeMutablePointer<MYSQL_RES>) {
        let count = Int(mysql_num_fields(metadata))
        let fields = UnsafeBufferPointer(start: mysql_fetch_fields(metadata), count: count)
        columns = SQLColumns(fields.map { String(cString: $0.name) })
        kinds = fields.map(Self.kind)
        binds = .allocate(capacity: count)
        numbers = .allocate(capacity: count)
        lengths = .allocate(capacity: count)
        nulls = .allocate(capacity: count)
        texts = .allocate(capacity: count * Self.usualBytes)
        binds.initialize(repeating: MYSQL_BIND())
        numbers.initialize(repeating: 0)
        lengths.initialize(repeating: 0)
        nulls.initialize(repeating: 0)
        texts.initialize(repeating: 0)
        for (index, kind) in kinds.enumerated() { set(index, kind) }
    }

    deinit {
        texts.deallocate()
        nulls.deallocate()
        lengths.deallocate()
        numbers.deallocate()
        binds.deallocate()
    }

    private static func kind(_ field: MYSQL_FIELD) -> Kind {
        switch field.type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_YEAR:
            field.flags & UInt32(UNSIGNED_FLAG) == 0 ? .integer : .unsignedInteger
        case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: .decimal
        case MYSQL_TYPE_STRING, MYSQL_TYPE_VAR_STRING, MYSQL_TYPE_VARCHAR, MYSQL_TYPE_TINY_BLOB, MYSQL_TYPE_BLOB,
            MYSQL_TYPE_MEDIUM_BLOB, MYSQL_TYPE_LONG_BLOB, MYSQL_TYPE_NULL:
            .text
        default: .other
        }
    }

    private func set(_ index: Int, _ kind: Kind) {
        binds[index].length = lengths.baseAddress?.advanced(by: index)
        binds[index].is_null = nulls.baseAddress?.advanced(by: index)
        switch kind {
        case .integer, .unsignedInteger:
            binds[index].buffer_type = MYSQL_TYPE_LONGLONG
            binds[index].is_unsigned = kind == .unsignedInteger ? 1 : 0
            binds[index].buffer = UnsafeMutableRawPointer(numbers.baseAddress?.advanced(by: index))
        case .decimal, .text, .other:
            binds[index].buffer_type = MYSQL_TYPE_STRING
            binds[index].buffer = UnsafeMutableRawPointer(texts.baseAddress?.advanced(by: index * Self.usualBytes))
            binds[index].buffer_length = UInt(Self.usualBytes)
        }
    }

    func bind(to handle: UnsafeMutablePointer<MYSQL_STMT>) -> Bool {
        mysql_stmt_bind_result(handle, binds.baseAddress) == 0
    }

    /// The row fetched last; nil for a value that is neither a whole number nor text.
    func row(of handle: UnsafeMutablePointer<MYSQL_STMT>) throws(MySQLFailure) -> [SQLValue?] {
        var values: [SQLValue?] = []
        values.reserveCapacity(kinds.count)
        for (index, kind) in kinds.enumerated() { values.append(try value(index, kind, handle)) }
        return values
    }

    private func value(
        _ index: Int,
        _ kind: Kind,
        _ handle: UnsafeMutablePointer<MYSQL_STMT>
    ) throws(MySQLFailure) -> SQLValue? {
        guard nulls[index] == 0 else { return .null }
        switch kind {
        case .integer: return .integer(numbers[index])
        case .unsignedInteger: return numbers[index] < 0 ? nil : .integer(numbers[index])
        case .decimal:
            let number = try text(index, handle).flatMap { Int64($0) }
            return number.map { .integer($0) }
        case .text: return try text(index, handle).map { .text($0) }
        case .other: return nil
        }
    }

    private func text(_ index: Int, _ handle: UnsafeMutablePointer<MYSQL_STMT>) throws(MySQLFailure) -> String? {
        let count = Int(lengths[index])
        if count <= Self.usualBytes {
            let start = index * Self.usualBytes
            return String(validating: texts[start..<start + count], as: UTF8.self)
        }
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
        defer { bytes.deallocate() }
        var length: UInt = 0
        var bind = MYSQL_BIND()
        bind.buffer_type = MYSQL_TYPE_STRING
        bind.buffer = UnsafeMutableRawPointer(bytes.baseAddress)
        bind.buffer_length = UInt(count)
        let code = withUnsafeMutablePointer(to: &length) { length in
            bind.length = length
            return mysql_stmt_fetch_column(handle, &bind, UInt32(index), 0)
        }
        guard code == 0 else { throw MySQLFailure(handle) }
        return String(validating: bytes, as: UTF8.self)
    }
}

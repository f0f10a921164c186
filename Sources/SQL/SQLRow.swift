package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)

    package static func integer(_ number: Int?) -> SQLValue { number.map { .integer(Int64($0)) } ?? .null }
    package static func text(_ value: (some CustomStringConvertible)?) -> SQLValue {
        value.map { .text($0.description) } ?? .null
    }
}

/// The columns of a result; all of its rows share them.
package final class SQLColumns: Sendable {
    package let names: [String]
    private let indexes: [String: Int]

    package init(_ names: [String]) {
        self.names = names
        indexes = Dictionary(zip(names, names.indices)) { first, _ in first }
    }

    fileprivate func index(of name: String) throws(SQLError) -> Int {
        guard let index = indexes[name] else { throw .schemaConflict("no column \(name) was selected") }
        return index
    }
}

/// One row; its values are read by column name.
package struct SQLRow: Sendable {
    package let columns: SQLColumns
    package let values: [SQLValue]

    package init(_ columns: SQLColumns, _ values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    package subscript(column: String) -> SQLValue {
        get throws(SQLError) { values[try columns.index(of: column)] }
    }

    package func text(_ column: String) throws(SQLError) -> String {
        guard let text = try optionalText(column) else { throw .damaged("column \(column) is null") }
        return text
    }

    package func optionalText(_ column: String) throws(SQLError) -> String? {
        switch try self[column] {
        case .text(let text): text
        case .null: nil
        case .integer: throw .damaged("column \(column) contains a number")
        }
    }

    package func integer(_ column: String) throws(SQLError) -> Int {
        guard let number = try optionalInteger(column) else { throw .damaged("column \(column) is null") }
        return number
    }

    package func optionalInteger(_ column: String) throws(SQLError) -> Int? {
        switch try self[column] {
        case .integer(let number): Int(number)
        case .null: nil
        case .text: throw .damaged("column \(column) holds text")
        }
    }
}

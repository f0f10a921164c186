/// Where and why a text is not JSON.
package struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and how to correct it, without the location.
    package let message: String
    /// The index of the byte, from 0.
    package let offset: Int
    /// Line and column count from 1, the column in code points.
    package let line: Int
    package let column: Int

    package var description: String { "\(message) (line \(line), column \(column))" }

    init(_ message: String, at offset: Int, in bytes: [UInt8]) {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.message = message
        self.offset = offset
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + before[lineStart...].count { !UTF8.isContinuation($0) }
    }
}

import FoundationEssentials

/// A password, or the file that holds it; no textual form of this value shows the password.
struct MySQLPassword: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    enum Source: Sendable, Equatable {
        case text(String)
        case file(path: String)
    }

    private let source: Source

    init(_ source: Source) { self.source = source }

    var description: String { "(hidden)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// The password itself; a file is read again each time, without its last newline.
    func read() throws(MySQLFailure) -> String {
        switch source {
        case .text(let text): return text
        case .file(let path):
            guard let text = try? String(contentsOfFile: path, encoding: .utf8), !text.utf8.contains(0) else {
                throw MySQLFailure("the password cannot be read from \(path)")
            }
            let line = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? text.dropLast() : text[...]
            return String(line)
        }
    }
}

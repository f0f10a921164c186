import FoundationEssentials

/// A password, or the file that it stands in, which no text made of this value shows.
struct MySQLPassword: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    enum Source: Sendable, Equatable {
        case text(String)
        case file(path: String)
    }

    private let source: Source

    init(_ source: Source) { self.source = source }

    var description: String { "(hidden)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// The password itself; a file is read again each time, its last newline left out.
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

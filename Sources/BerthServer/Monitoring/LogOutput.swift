import Berth
import Glibc
import JSON
import Logging

/// The format of log lines.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// One JSON object per line, for programs.
    case json

    /// A message outside the log, such as that the program is ready: one line, in JSON if the log is in JSON.
    package func line(_ text: String, isFailure: Bool = false) -> String {
        let level = isFailure ? Logger.Level.critical : .notice
        return switch self {
        case .text: text
        case .json: LogOutput(label: "berth", format: self, logLevel: level).line(level, "\(text)", [:])
        }
    }
}

/// Writes each event as one line to standard error, even if its text contains line breaks.
struct LogOutput: LogHandler {
    let label: String
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // One write per line, so that lines of several threads do not mix.
        let bytes = Array((line(for: event) + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// The event in one line, without characters that control a terminal.
    func line(for event: LogEvent) -> String {
        var metadata = metadata
        if let more = event.metadata { metadata.merge(more) { _, new in new } }
        return line(event.level, event.message, metadata)
    }

    fileprivate func line(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let line =
            switch format {
            case .text: text(level, message, metadata)
            case .json: json(level, message, metadata)
            }
        return Self.printable(line)
    }

    /// Escapes the control characters that JSON permits: DEL and the C1 set, which contains a one-byte ESC [.
    private static func printable(_ line: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            if (0x7F...0x9F).contains(scalar.value) {
                escaped.append(contentsOf: "\\u00\(String(scalar.value, radix: 16))".unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// The line for people, without fields that only programs need.
    private func text(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let pairs = metadata.filter { !ECSFields.isForProgramsOnly($0.key) }.sorted { $0.key < $1.key }
            .map { " \($0)=\(JSONValue.string(ECSFields.text($0, $1)).text)" }.joined()
        return "\(Timestamp.now()) \(level) \(JSONValue.string("\(message)").text.dropFirst().dropLast())\(pairs)"
    }

    private func json(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        var object = JSONObject()
        object.set("@timestamp", to: .string("\(Timestamp.now())"))
        object.set("log.level", to: .string("\(level)"))
        object.set("message", to: .string("\(message)"))
        for (name, value) in ECSFields.ofEveryLine { object.set(name, to: value) }
        object.set("log.logger", to: .string(label))
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let (name, value) = ECSFields.field(key, value)
            object.set(name, to: value)
        }
        return JSONValue.object(object).text
    }
}

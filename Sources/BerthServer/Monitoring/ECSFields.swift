import BerthAPI
import Glibc
import JSON
import Logging

/// How metadata of log lines are written in the Elastic Common Schema.
///
/// Names and types: the schema's field reference, version 8.11; what it has no field for is under `berth.`.
enum ECSFields {
    /// What each line says of the one that wrote it; a line's own metadata win.
    static let ofEveryLine: [(String, JSONValue)] = [
        ("ecs.version", "8.11.0"),
        ("service.name", "berth"),
        ("service.version", .string(Version.current)),
        ("process.pid", JSONValue(Int(getpid()))),
        ("event.kind", "event"),
        ("event.dataset", "berth.log"),
    ]

    /// Names that our own lines use; whatever else libraries say must not be taken for a field of the schema, which may be
    /// of another type.
    private static let own: Set<String> = [
        "error.code", "error.message", "event.category", "event.dataset", "event.duration", "event.outcome",
        "event.type",
        "http.request.method", "http.response.body.bytes", "http.response.status_code", "trace.id", "url.full",
        "url.path",
    ]

    static func field(_ key: String, _ value: Logger.MetadataValue) -> (String, JSONValue) {
        guard own.contains(key) || key.hasPrefix("berth.") else {
            return ("labels." + String(key.map { $0 == "." ? "_" : $0 }), .string("\(value)"))
        }
        return (key, json(value))
    }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .stringConvertible(let number as any BinaryInteger): JSONValue(Int(clamping: number))
        case .array(let values): .array(values.map(json))
        default: .string("\(value)")
        }
    }

    /// Whether a person would only stumble over it.
    static func isForProgramsOnly(_ key: String) -> Bool {
        switch key {
        case "event.category", "event.dataset", "event.outcome", "event.type", "http.response.body.bytes",
            "berth.route":
            true
        default: false
        }
    }

    /// For people, who count in milliseconds.
    static func text(_ key: String, _ value: Logger.MetadataValue) -> String {
        guard key == "event.duration", case .stringConvertible(let nanoseconds as Int64) = value else {
            return "\(value)"
        }
        var text = ""
        text.appendMilliseconds(.nanoseconds(nanoseconds))
        return text + " ms"
    }
}

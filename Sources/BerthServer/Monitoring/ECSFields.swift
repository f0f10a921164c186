import BerthAPI
import Glibc
import JSON
import Logging

/// Converts the metadata of log lines to the Elastic Common Schema.
///
/// Names and types: the schema's field reference, version 8.11; fields that it lacks are under `berth.`.
enum ECSFields {
    /// Fields of every line about its origin; a line's own metadata override them.
    static let ofEveryLine: [(String, JSONValue)] = [
        ("ecs.version", "8.11.0"),
        ("service.name", "berth"),
        ("service.version", .string(Version.current)),
        ("process.pid", JSONValue(Int(getpid()))),
        ("event.kind", "event"),
        ("event.dataset", "berth.log"),
    ]

    /// Names that our own lines use; any other name, from a library, must not be mistaken for a field of the schema,
    /// which may have another type.
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

    /// Whether the field is omitted from lines for people.
    static func isForProgramsOnly(_ key: String) -> Bool {
        switch key {
        case "event.category", "event.dataset", "event.outcome", "event.type", "http.response.body.bytes",
            "berth.route":
            true
        default: false
        }
    }

    /// The value for people, with durations in milliseconds.
    static func text(_ key: String, _ value: Logger.MetadataValue) -> String {
        guard key == "event.duration", case .stringConvertible(let nanoseconds as Int64) = value else {
            return "\(value)"
        }
        var text = ""
        text.appendMilliseconds(.nanoseconds(nanoseconds))
        return text + " ms"
    }
}

import JSON
import SQL

extension Migrations {
    /// Stores settings, overrides and ports in the form of the API's responses.
    static let fourth: [Step] = [
        .rewrite(table: "releases", key: ["app", "number"], column: "settings") { text in
            AppSettings.accepted(in: try renamed(text)).text
        },
        .rewrite(table: "runs", key: ["id"], column: "overrides") { try renamed($0).text },
        .rewrite(table: "runs", key: ["id"], column: "ports") { try renamed($0).text },
    ]

    private static func renamed(_ text: String) throws -> JSONValue {
        try renamed(JSONReader.parse(Array(text.utf8)))
    }

    private static let names = [
        "transport": "protocol", "readOnly": "read_only", "memory": "memory_bytes", "workingDirectory": "working_dir",
        "stopTimeout": "stop_timeout", "maxRuntime": "max_runtime",
    ]

    /// The value with the current names.
    private static func renamed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map { renamed($0) })
        case .object(let object): .object(renamed(object))
        default: value
        }
    }

    private static func renamed(_ object: JSONObject) -> JSONObject {
        var result = JSONObject()
        for member in object.members {
            switch (member.name, member.value) {
            case ("commandLine", _), ("entrypointLine", _), (_, .null): break
            case ("command", let words): result.set("command", to: object["commandLine"].given ?? words)
            case ("entrypoint", let words): result.set("entrypoint", to: object["entrypointLine"].given ?? words)
            case ("variables", .array(let pairs)), ("labels", .array(let pairs)):
                result.set(member.name, to: .object(pairs.members))
            case ("nanoCPUs", .number(let number)):
                result.set("cpus", to: CPUs(billionths: Int64(number.integer ?? 0)).json)
            default: result.set(names[member.name] ?? member.name, to: renamed(member.value))
            }
        }
        return result
    }
}

extension JSONValue? {
    fileprivate var given: JSONValue? { if let self, self != .null { self } else { nil } }
}

extension [JSONValue] {
    /// An object from alternating names and values.
    fileprivate var members: JSONObject {
        var object = JSONObject()
        for case .array(let pair) in self where pair.count == 2 {
            if case .string(let name) = pair[0] { object.set(name, to: pair[1]) }
        }
        return object
    }
}

extension AppSettings {
    /// The definition without values that are rejected now but that an adopted container could have brought in.
    fileprivate static func accepted(in definition: JSONValue) -> JSONValue {
        guard case .object(let object) = definition else { return definition }
        do throws(FieldErrors) {
            _ = try AppSettings(definition)
            return definition
        } catch {
            let refused = Set(error.errors.compactMap { $0.pointer.split(separator: "/").first.map(String.init) })
            var rest = JSONObject()
            for member in object.members where !refused.contains(member.name) {
                rest.set(member.name, to: member.value)
            }
            return .object(rest)
        }
    }
}

import DockerEngine
import FoundationEssentials
import JSON
import SQL

// Values that are stored as JSON in one column. Equal values always give the same text.

extension AppSettings {
    /// The text in `releases.settings`.
    var stored: String { JSONValue.object(definition).text }

    /// - Throws: ``SQLError/damaged(_:)``.
    init(stored text: String) throws {
        self = try storedValue(from: text, "the settings of a release") { json throws(FieldErrors) in
            try AppSettings(json)
        }
    }
}

extension RunOverrides {
    /// The text in `runs.overrides`; nil if there are no overrides.
    var stored: String? {
        guard !isEmpty else { return nil }
        let json: JSONValue = ["command": command.definition, "variables": variables.json, "pull": pull.json]
        return json.text
    }

    /// - Throws: ``SQLError/damaged(_:)``.
    package init(stored text: String) throws {
        self = try storedValue(from: text, "the overrides of a run") { json throws(FieldErrors) in
            var reader = ObjectReader(json)
            let overrides = RunOverrides(&reader)
            try reader.finish()
            return overrides
        }
    }
}

/// - Parameter subject: the name of the value, for the log.
/// - Throws: ``SQLError/damaged(_:)``.
func storedValue<Value>(
    from text: String,
    _ subject: String,
    _ value: (JSONValue) throws(FieldErrors) -> Value
) throws -> Value {
    do {
        return try value(JSONReader.parse(Array(text.utf8)))
    } catch let error as FieldErrors {
        let reasons = error.errors.map { "\($0.pointer): \($0.detail)" }.joined(separator: "; ")
        throw SQLError.damaged("\(subject) cannot be read: \(reasons)")
    } catch {
        throw SQLError.damaged("\(subject) cannot be read: \(error)")
    }
}

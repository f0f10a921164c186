import DockerEngine
import FoundationEssentials

/// An app's settings as they stand in `releases.settings`.
///
/// Add fields as optionals: old rows stay as they are.
struct SettingsJSON: Codable {
    let image: String
    let command: [String]?
    let commandLine: String?
    /// Name and value in turn, in order.
    let variables: [[String]]

    init(_ settings: AppSettings) {
        image = settings.image.description
        command = settings.command?.words
        commandLine = settings.command?.line
        variables = settings.variables.list.map { [$0.name, $0.value] }
    }

    func settings() throws -> AppSettings {
        var list = Variables()
        for pair in variables {
            guard pair.count == 2 else { throw StoreError.damaged("a variable is no pair") }
            try list.append(Variable(name: pair[0], value: pair[1]))
        }
        return AppSettings(
            image: try ImageReference(image),
            command: try command.map { words throws(InvalidValue) in try Command(words: words, line: commandLine) },
            variables: list
        )
    }

    static func text(of settings: AppSettings) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(SettingsJSON(settings)), as: UTF8.self)
    }

    static func settings(from text: String) throws -> AppSettings {
        do {
            return try JSONDecoder().decode(SettingsJSON.self, from: Data(text.utf8)).settings()
        } catch {
            throw StoreError.damaged("the settings of a release cannot be read: \(error)")
        }
    }
}

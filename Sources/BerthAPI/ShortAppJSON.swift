package import JSON

/// An app in the short form: what `POST /apps/` takes and the routes under `/apps` answer.
package struct ShortAppJSON: Sendable, Equatable {
    package let name: String
    package let image: String
    /// The line as it was sent, or the words with shell quoting; nil for the image's own command.
    package let command: String?
    /// In order, each name once.
    package let variables: [NamedString]

    package init(name: String, image: String, command: String?, variables: [NamedString]) {
        self.name = name
        self.image = image
        self.command = command
        self.variables = variables
    }

    package var json: JSONValue {
        [
            "name": .string(name),
            "image": .string(image),
            "command": command.map { .string($0) } ?? .null,
            "variables": .array(variables.map { [$0.name: .string($0.value)] }),
        ]
    }
}

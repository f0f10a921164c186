package import JSON

/// An app in the short form: what `POST /apps/` takes and the routes under `/apps` return.
package struct ShortAppJSON: JSONRecord {
    package var name = ""
    package var image = ""
    /// The line as sent, or the words with shell quoting; nil for the image's own command.
    package var command: String?
    /// In order, each name at most once.
    package var variables: [NamedString] = []

    package init() {}

    package static let fields: [JSONField<ShortAppJSON>] = [
        .init("name", \.name, .string()),
        .init("image", \.image, .string()),
        .init("command", \.command, .string()),
        .init("variables", \.variables, .list(of: .pair)),
    ]
}

extension NamedString: JSONRepresentable {
    /// An object with one member.
    package var json: JSONValue { [name: .string(value)] }
}

extension FieldDecoder where Value == NamedString {
    fileprivate static var pair: FieldDecoder {
        FieldDecoder(schema: ["type": "object"]) { json, pointer throws(FieldErrors) in
            guard case .object(let object) = json, let member = object.members.first,
                case .string(let value) = member.value
            else { throw .wrongKind(json, wanted: "an object of one text", at: pointer) }
            return NamedString(name: member.name, value: value)
        }
    }
}

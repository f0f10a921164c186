// Optional values; nil becomes null.
extension JSONValue {
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    package init(_ number: (some BinaryInteger & Sendable)?) { self = number.map { .number(JSONNumber($0)) } ?? .null }

    package init(_ words: [String]?) { self = words.map { .array($0.map { .string($0) }) } ?? .null }

    /// An object of the texts by name.
    package init(_ texts: [NamedString]) {
        var object = JSONObject()
        for text in texts { object.set(text.name, to: .string(text.value)) }
        self = .object(object)
    }
}

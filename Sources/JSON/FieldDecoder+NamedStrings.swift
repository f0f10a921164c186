/// A name and its text, such as an environment variable.
package struct NamedString: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension FieldDecoder where Value == [NamedString] {
    /// A decoder of named strings in their order, either as one object or as a list of objects.
    ///
    /// A number is accepted as its own digits.
    ///
    /// No two names are equal, by `String`'s equality too, so they can be keys of a dictionary. `detail` returns the
    /// text of any other error of an entry, which is reported at that entry.
    package static func namedStrings(
        rejecting detail: @escaping @Sendable (NamedString) -> String? = { _ in nil }
    ) -> FieldDecoder {
        @Sendable func object(of types: JSONValue) -> JSONValue {
            ["type": "object", "additionalProperties": ["type": types]]
        }
        return FieldDecoder(
            schema: .schema(
                ofOne: object(of: ["string", "number"]),
                ["type": "array", "items": object(of: ["string", "number"])]
            ),
            encodedSchema: object(of: "string")
        ) {
            value,
            pointer throws(FieldErrors) in
            var reader = NamedStringsReader(detail: detail)
            switch value {
            case .object(let object):
                for member in object.members { reader.read(member, of: pointer, entry: pointer.member(member.name)) }
            case .array(let elements):
                for (index, element) in elements.enumerated() { reader.read(element, at: pointer.element(index)) }
            default:
                throw .wrongKind(value, wanted: "an object, or a list of objects", at: pointer)
            }
            try reader.errors.check()
            return reader.entries
        }
    }
}

private struct NamedStringsReader {
    let detail: (NamedString) -> String?
    var entries: [NamedString] = []
    var errors: FieldErrors?
    /// The location of each name's first occurrence.
    var places: [String: JSONPointer] = [:]
    /// Short enough that hashing a name is fast; see `ExactText`.
    private static let nameLimit = 1024

    /// Decodes an element of the list form.
    mutating func read(_ element: JSONValue, at pointer: JSONPointer) {
        guard case .object(let object) = element, !object.members.isEmpty else {
            return reject("must be an object of names and strings, such as {\"NAME\": \"value\"}", at: pointer)
        }
        let isAlone = object.members.count == 1
        for member in object.members {
            read(member, of: pointer, entry: isAlone ? pointer : pointer.member(member.name))
        }
    }

    /// Decodes a member of the object at `parent`; errors of the name are reported at `entry`.
    mutating func read(_ member: JSONObject.Member, of parent: JSONPointer, entry: JSONPointer) {
        guard member.name.utf8.count <= Self.nameLimit else {
            return reject("the name must have at most \(Self.nameLimit) bytes", at: entry)
        }
        if let first = places.updateValue(entry, forKey: member.name) {
            places[member.name] = first
            return reject("the same name \(quoted(member.name)) appears twice, first at \(first)", at: entry)
        }
        let text: String
        switch member.value {
        case .string(let value): text = value
        case .number(let number): text = number.literal
        case .bool:
            return reject("must be a string, not a boolean; put quotes around it", at: parent.member(member.name))
        default: return reject("must be a string, not \(member.value.kind)", at: parent.member(member.name))
        }
        let named = NamedString(name: member.name, value: text)
        if let detail = detail(named) { return reject(detail, at: entry) }
        entries.append(named)
    }

    private mutating func reject(_ detail: String, at pointer: JSONPointer) {
        errors.append(FieldErrors(detail, at: pointer))
    }
}

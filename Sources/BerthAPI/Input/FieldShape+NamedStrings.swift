/// A name and its text, such as an environment variable.
package struct NamedString: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension FieldShape where Value == [NamedString] {
    /// Strings with names, in their order, either as one object or as a list of objects with one key each.
    ///
    /// No two of the names are equal, also not to `String`, so they can be the keys of a dictionary. `detail`
    /// words what else is wrong with an entry, which then is a fault at that entry.
    package static func namedStrings(
        rejecting detail: @escaping (NamedString) -> String? = { _ in nil }
    ) -> FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            var reader = NamedStringsReader(detail: detail)
            switch value {
            case .object(let object):
                for member in object.members { reader.read(member, of: pointer, entry: pointer.member(member.name)) }
            case .array(let elements):
                for (index, element) in elements.enumerated() { reader.read(element, at: pointer.element(index)) }
            default:
                throw .wrongKind(value, wanted: "an object, or a list of objects with one key each", at: pointer)
            }
            try reader.faults.check()
            return reader.entries
        }
    }
}

private struct NamedStringsReader {
    let detail: (NamedString) -> String?
    var entries: [NamedString] = []
    var faults: FieldFaults?
    /// Where each name was first seen.
    private var places: [String: JSONPointer] = [:]
    /// Short enough that hashing a name is quick, see `ExactText`.
    private static let nameLimit = 1024

    init(detail: @escaping (NamedString) -> String?) {
        self.detail = detail
    }

    /// Reads an element of the list form.
    mutating func read(_ element: JSONValue, at pointer: JSONPointer) {
        guard case .object(let object) = element, object.members.count == 1, let member = object.members.first else {
            return reject("must be an object with exactly one key, such as {\"NAME\": \"value\"}", at: pointer)
        }
        read(member, of: pointer, entry: pointer)
    }

    /// Reads a member of the object at `parent`; `entry` is what a fault of the name is a fault of.
    mutating func read(_ member: JSONObject.Member, of parent: JSONPointer, entry: JSONPointer) {
        guard member.name.utf8.count <= Self.nameLimit else {
            return reject("the name must have at most \(Self.nameLimit) bytes", at: entry)
        }
        if let first = places.updateValue(entry, forKey: member.name) {
            places[member.name] = first
            return reject("the same name \(quoted(member.name)) appears twice, first at \(first)", at: entry)
        }
        guard case .string(let text) = member.value else {
            return reject(complaint(about: member.value), at: parent.member(member.name))
        }
        let named = NamedString(name: member.name, value: text)
        if let detail = detail(named) { return reject(detail, at: entry) }
        entries.append(named)
    }

    private func complaint(about value: JSONValue) -> String {
        switch value {
        case .bool, .number: "must be a string, not \(value.kind); put quotes around it"
        default: "must be a string, not \(value.kind)"
        }
    }

    private mutating func reject(_ detail: String, at pointer: JSONPointer) {
        faults.append(FieldFaults(detail, at: pointer))
    }
}

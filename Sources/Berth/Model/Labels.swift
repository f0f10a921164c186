package import JSON

/// The user's own labels of containers, in the given order; names are unique.
package struct Labels: Sendable, Equatable, JSONRepresentable {
    package private(set) var list: [Label] = []

    package init() {}

    package mutating func append(_ label: Label) throws(InvalidValue) {
        guard !list.contains(where: { $0.name == label.name }) else {
            throw InvalidValue("the label \"\(label.name)\" is given twice")
        }
        guard list.count < 200 else { throw InvalidValue("must have at most 200 labels") }
        list.append(label)
    }

    package var json: JSONValue { JSONValue(list.map { NamedString(name: $0.name, value: $0.value) }) }
}

package struct Label: Sendable, Equatable {
    package let name: String
    package let value: String

    /// The prefix of Berth's own labels, which assign a container to its run.
    static let reservedPrefix = "berth."

    package init(name: String, value: String) throws(InvalidValue) {
        guard (1...1024).contains(name.utf8.count) else {
            throw InvalidValue("the name of a label must have 1 to 1024 bytes")
        }
        guard !name.lowercased().hasPrefix(Self.reservedPrefix) else {
            throw InvalidValue("labels that begin with \"\(Self.reservedPrefix)\" are reserved")
        }
        guard !name.utf8.contains(0), !value.utf8.contains(0) else {
            throw InvalidValue("a label must not contain a NUL character")
        }
        self.name = name
        self.value = value
    }
}

extension FieldDecoder where Value == Labels {
    static var labels: FieldDecoder {
        named(Labels(), make: Label.init(name:value:)) { (list, label) throws(InvalidValue) in try list.append(label) }
    }
}

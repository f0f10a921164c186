import JSON

/// The user's own labels of containers, in the given order; names are unique.
package typealias Labels = SettingList<Label>

package struct Label: NamedElement {
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

    package static let limit = (count: 200, name: "labels")

    package func conflict(with earlier: Label) -> String? {
        name == earlier.name ? "the label \"\(name)\" is given twice" : nil
    }
}

extension FieldDecoder where Value == Labels {
    static var labels: FieldDecoder {
        named()
    }
}

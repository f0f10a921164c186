package import JSON

/// Environment variables in the given order; names are unique.
package typealias Variables = SettingList<Variable>

extension Variables {
    /// These variables with `others` added; a variable of the same name is replaced in its place.
    ///
    /// - Throws: when the combined variables are too many.
    package func overridden(by others: Variables) throws(InvalidValue) -> Variables {
        var result = Variables()
        for variable in list {
            try result.append(others.list.first { $0.name == variable.name } ?? variable)
        }
        for variable in others.list where !list.contains(where: { $0.name == variable.name }) {
            try result.append(variable)
        }
        return result
    }

    /// `NAME=value`, the engine's format.
    var environment: [String] { list.map { "\($0.name)=\($0.value)" } }
}

package struct Variable: NamedElement {
    package let name: String
    package let value: String

    package init(name: String, value: String) throws(InvalidValue) {
        guard (1...1024).contains(name.utf8.count) else {
            throw InvalidValue("the name of a variable must have 1 to 1024 bytes")
        }
        guard !name.utf8.contains(UInt8(ascii: "=")) else {
            throw InvalidValue("the name of a variable must not contain =")
        }
        guard !name.utf8.contains(0), !value.utf8.contains(0) else {
            throw InvalidValue("a variable must not contain a NUL character")
        }
        self.name = name
        self.value = value
    }

    package static let limit = (count: 1000, name: "variables")

    package func conflict(with earlier: Variable) -> String? {
        name == earlier.name ? "the variable \"\(name)\" is given twice" : nil
    }
}

extension FieldDecoder where Value == Variables {
    package static var variables: FieldDecoder {
        named()
    }
}

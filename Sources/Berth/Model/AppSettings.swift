package import DockerEngine

/// What a container of an app is made from.
///
/// Each change of it is a new release.
package struct AppSettings: Sendable, Equatable {
    package var image: ImageReference
    /// The image's own where nil.
    package var command: Command?
    package var variables: Variables

    package init(image: ImageReference, command: Command?, variables: Variables) {
        self.image = image
        self.command = command
        self.variables = variables
    }
}

/// A command and its arguments.
///
/// No shell ever sees them.
package struct Command: Sendable, Equatable {
    /// Never empty.
    package let words: [String]
    /// The line that the words were split from, to be shown as it was sent; nil when they were sent as words.
    package let line: String?

    package init(words: [String], line: String?) throws(InvalidValue) {
        guard !words.isEmpty else {
            throw InvalidValue("must have at least one word; leave it out for the image's own")
        }
        guard words.count <= 1000 else { throw InvalidValue("has at most 1000 words") }
        guard !words.contains(where: { $0.utf8.contains(0) }) else {
            throw InvalidValue("must not contain a NUL character, which no argument can hold")
        }
        self.words = words
        self.line = line
    }
}

/// Environment variables in the order in which they were given, each name once.
package struct Variables: Sendable, Equatable {
    package private(set) var list: [Variable] = []

    package init() {}

    package init(_ variables: [Variable]) throws(InvalidValue) {
        for variable in variables { try append(variable) }
    }

    package mutating func append(_ variable: Variable) throws(InvalidValue) {
        guard !list.contains(where: { $0.name == variable.name }) else {
            throw InvalidValue("the variable \"\(variable.name)\" is given twice")
        }
        guard list.count < 1000 else { throw InvalidValue("has at most 1000 variables") }
        list.append(variable)
    }

    /// `NAME=value`, as the engine takes them.
    var environment: [String] { list.map { "\($0.name)=\($0.value)" } }
}

package struct Variable: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) throws(InvalidValue) {
        guard !name.isEmpty else { throw InvalidValue("the name of a variable must not be empty") }
        guard !name.utf8.contains(UInt8(ascii: "=")) else {
            throw InvalidValue("the name of a variable must not contain =")
        }
        guard !name.utf8.contains(0), !value.utf8.contains(0) else {
            throw InvalidValue("a variable must not contain a NUL character, which no environment can hold")
        }
        self.name = name
        self.value = value
    }
}

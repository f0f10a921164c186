package import JSON

/// A command and its arguments.
///
/// They are never passed to a shell.
package struct Command: Sendable, Equatable, JSONRepresentable {
    /// Empty only in ``none``.
    package let words: [String]
    /// The line that the words were split from, kept to show it as it was sent; nil if words were sent.
    package let line: String?

    /// No entry point at all, not even the image's.
    package static let none = Command()

    private init() {
        words = []
        line = nil
    }

    package init(words: [String]) throws(InvalidValue) { try self.init(words, line: nil) }

    /// Splits `line` by the word rules of the POSIX shell.
    package init(line: String) throws(InvalidValue) {
        let words: [String]
        do throws(ShellWordsError) {
            words = try ShellWords.split(line)
        } catch {
            throw InvalidValue(error.description)
        }
        try self.init(words, line: line)
    }

    private init(_ words: [String], line: String?) throws(InvalidValue) {
        guard !words.isEmpty else {
            throw InvalidValue("must have at least one word; use null for the image's own")
        }
        guard words.count <= 1000 else { throw InvalidValue("must have at most 1000 words") }
        guard !words.contains(where: { $0.utf8.contains(0) }) else {
            throw InvalidValue("must not contain a NUL character")
        }
        self.words = words
        self.line = line
    }

    package var json: JSONValue { .array(words.map { .string($0) }) }
    package var definition: JSONValue { line.map { .string($0) } ?? json }
}

extension FieldDecoder where Value == Command? {
    /// A list of words, or a line of them; a line without words means no command.
    package static var command: FieldDecoder {
        let words = FieldDecoder<[String]>.words
        return FieldDecoder(schema: words.schema, encodedSchema: words.encodedSchema) {
            value,
            pointer throws(FieldErrors) in
            let found = try words.read(value, pointer)
            do throws(InvalidValue) {
                guard case .string(let line) = value else { return try Command(words: found) }
                return found.isEmpty ? nil : try Command(line: line)
            } catch {
                throw FieldErrors(error.message, at: pointer)
            }
        }
    }

    /// Like ``command``; an empty list means no entry point, which overrides the image's own.
    static var entrypoint: FieldDecoder {
        FieldDecoder(schema: command.schema, encodedSchema: command.encodedSchema) {
            value,
            pointer throws(FieldErrors) in
            value == [] ? Command.none : try command.read(value, pointer)
        }
    }
}

package import JSON

/// The apps that a principal may see, by patterns of their names.
package struct AppScope: Sendable, Hashable {
    /// An app is in the scope if its name matches one of these.
    package let patterns: [AppPattern]

    /// Whether it includes every app.
    package let isEverything: Bool

    package init(_ patterns: [AppPattern]) {
        self.patterns = patterns
        isEverything = patterns.contains(.any)
    }

    package static let everything = AppScope([.any])
    package static let nothing = AppScope([])

    package func contains(_ app: AppName) -> Bool { isEverything || patterns.contains { $0.matches(app.description) } }

    /// Whether the run's app is in the scope; the name of a run begins with its app's.
    package func contains(_ run: RunName) -> Bool { isEverything || patterns.contains { $0.matches(run.appName) } }
}

/// An app's name in which `*` stands for any characters, also for none.
package struct AppPattern: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(InvalidValue) {
        let isPossible = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "*")
        }
        guard (1...64).contains(text.utf8.count), isPossible else {
            throw InvalidValue("must be 1 to 64 of a-z, 0-9, - and *, such as web-*")
        }
        description = text
    }

    private init(known text: String) { description = text }

    static let any = AppPattern(known: "*")

    func matches(_ name: String) -> Bool { matchesWildcards(name, description) }
}

/// Whether `text` matches a pattern in which `*` stands for any characters, also for none.
///
/// Takes time in proportion to the product of the lengths at most.
func matchesWildcards(_ text: String, _ pattern: String) -> Bool {
    let (text, pattern) = (Array(text.utf8), Array(pattern.utf8))
    var (position, place) = (0, 0)
    var star: (place: Int, position: Int)?
    while position < text.count {
        if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
            star = (place, position)
            place += 1
        } else if place < pattern.count, pattern[place] == text[position] {
            (position, place) = (position + 1, place + 1)
        } else if let last = star {
            // The last star takes one character more.
            star = (last.place, last.position + 1)
            (position, place) = (last.position + 1, last.place + 1)
        } else {
            return false
        }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
}

extension AppScope: JSONRepresentable {
    package var json: JSONValue { .array(patterns.map { .string($0.description) }) }
}

extension FieldDecoder where Value == AppScope {
    /// 1 to 20 patterns.
    package static var appScope: FieldDecoder {
        FieldDecoder<[AppPattern]>.list(of: .appPattern, count: 1...20).map(AppScope.init)
    }
}

extension FieldDecoder where Value == AppPattern {
    package static var appPattern: FieldDecoder {
        FieldDecoder<String>.string().map(AppPattern.init(_:), detail: \.message)
    }
}

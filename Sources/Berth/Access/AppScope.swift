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
        let isPossible = text.utf8.allSatisfy { isPartOfName($0) || $0 == UInt8(ascii: "*") }
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
    let (text, pattern) = (text.utf8, pattern.utf8)
    var (position, place) = (text.startIndex, pattern.startIndex)
    var star: (place: String.Index, position: String.Index)?
    while position < text.endIndex {
        if place < pattern.endIndex, pattern[place] == UInt8(ascii: "*") {
            star = (place, position)
            place = pattern.index(after: place)
        } else if place < pattern.endIndex, pattern[place] == text[position] {
            (position, place) = (text.index(after: position), pattern.index(after: place))
        } else if let last = star {
            // The last star takes one character more.
            position = text.index(after: last.position)
            place = pattern.index(after: last.place)
            star = (last.place, position)
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

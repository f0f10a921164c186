/// The name of an app: `[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?`, except words that have another meaning in a path.
package struct AppName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    private static let reserved: Set<String> = ["run", "containers"]

    package init(_ text: String) throws(InvalidValue) { description = try name(text, reserved: Self.reserved) }

    package static func < (left: AppName, right: AppName) -> Bool { left.description < right.description }
}

/// The name of a host, by the same rule as an app's.
package struct HostName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(InvalidValue) { description = try name(text) }

    package static func < (left: HostName, right: HostName) -> Bool { left.description < right.description }
}

/// The name of a run and of its container: the app's name, a dash and six characters of `a-z2-7`.
package struct RunName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Accepts a recorded name without a check.
    init(recorded text: String) { description = text }

    /// Nil for a text that cannot be a run's name.
    package init?(_ text: String) {
        guard let dash = text.utf8.lastIndex(of: UInt8(ascii: "-")), isName(String(text[..<dash])),
            isBase32(text[text.index(after: dash)...], count: 6)
        else { return nil }
        description = text
    }

    /// The name of its app.
    var appName: String { String(description.dropLast(7)) }

    func isOf(_ app: AppName) -> Bool { appName == app.description }

    /// A random name, which may be taken already.
    static func random(for app: AppName) -> RunName { RunName(recorded: "\(app)-" + randomBase32(count: 6)) }

    package static func < (left: RunName, right: RunName) -> Bool { left.description < right.description }
}

/// The name of a token, by the same rule as an app's, except names of senders without a token.
package struct TokenName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    private static let reserved: Set<String> = [Principal.local.name, Principal.anonymous.name]

    package init(_ text: String) throws(InvalidValue) { description = try name(text, reserved: Self.reserved) }
}

/// Why a text is not a valid value, as a sentence for its sender.
package struct InvalidValue: Error, Sendable, Equatable {
    package let message: String

    package init(_ message: String) { self.message = message }
}

/// Lower-case letters and digits that cannot be mistaken for each other.
func randomBase32(count: Int) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String((0..<count).compactMap { _ in alphabet.randomElement() })
}

package func isBase32(_ text: some StringProtocol, count: Int) -> Bool {
    text.utf8.count == count
        && text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(byte)
        }
}

/// The text, if it is a name that is not reserved.
private func name(_ text: String, reserved: Set<String> = []) throws(InvalidValue) -> String {
    guard isName(text) else { throw InvalidValue(complaint(aboutName: text)) }
    guard !reserved.contains(text) else { throw InvalidValue("\"\(text)\" is reserved; choose another name") }
    return text
}

/// Explains the rule for names, and suggests a valid name similar to `text`.
private func complaint(aboutName text: String) -> String {
    let letters = text.unicodeScalars.prefix(200).map { scalar in
        let lower = scalar.properties.lowercaseMapping
        return lower.utf8.count == 1 && lower.utf8.allSatisfy(isASCIILetterOrDigit) ? lower : "-"
    }
    let parts = letters.joined().split(separator: "-").joined(separator: "-")
    let name = parts.prefix(40).drop { $0 == "-" }
    let near = String(name.last == "-" ? name.dropLast() : name)
    let hint = isName(near) ? "; try \"\(near)\"" : ""
    return "must be 1 to 40 of a-z, 0-9 and -, and neither begin nor end with -\(hint)"
}

private func isName(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (1...40).contains(bytes.count), bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
        return false
    }
    return bytes.allSatisfy(isPartOfName)
}

/// Whether it is one of `a-z`, `0-9` and `-`.
func isPartOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
}

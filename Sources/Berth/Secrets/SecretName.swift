package import JSON

/// The name of a secret and of its variable: `[A-Za-z_][A-Za-z0-9_]{0,254}`.
package struct SecretName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(InvalidValue) {
        let isPossible = text.utf8.allSatisfy { isASCIILetterOrDigit($0) || $0 == UInt8(ascii: "_") }
        guard (1...255).contains(text.utf8.count), isPossible, text.first?.isNumber == false else {
            throw InvalidValue("must be 1 to 255 of A-Z, a-z, 0-9 and _, and not begin with a digit")
        }
        description = text
    }

    package static func < (left: SecretName, right: SecretName) -> Bool { left.description < right.description }
}

/// The value of a secret: at most 64 KiB without NUL, which texts about it do not show.
package struct SecretValue: Sendable {
    let text: String

    static let maximumBytes = 64 << 10

    package init(_ text: String) throws(InvalidValue) {
        guard text.utf8.count <= Self.maximumBytes else { throw InvalidValue("must have at most 64 KiB") }
        guard !text.utf8.contains(0) else { throw InvalidValue("must not contain a NUL character") }
        self.text = text
    }
}

extension SecretValue: CustomStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension FieldDecoder where Value == SecretValue {
    package static var secretValue: FieldDecoder {
        FieldDecoder<String>.string(length: 0...SecretValue.maximumBytes).map(SecretValue.init(_:), detail: \.message)
    }
}

/// Named volumes of the host's engine, mounted into a container, each target once.
///
/// Paths of the host cannot be mounted: whoever may define an app would be root there.
package struct Volumes: Sendable, Equatable {
    package private(set) var list: [Volume] = []

    package init() {}

    package mutating func append(_ volume: Volume) throws(InvalidValue) {
        guard !list.contains(where: { $0.target == volume.target }) else {
            throw InvalidValue("two volumes have the target \(volume.target)")
        }
        guard list.count < 100 else { throw InvalidValue("has at most 100 volumes") }
        list.append(volume)
    }
}

package struct Volume: Sendable, Equatable {
    /// `[a-zA-Z0-9][a-zA-Z0-9_.-]*`: the engine's own rule, which no path satisfies.
    package let name: String
    /// An absolute path in the container, and not its root; in the one form that Docker gives it, without `//`, `/./` and a
    /// slash at its end.
    package let target: String
    package let isReadOnly: Bool

    package init(name: String, target: String, isReadOnly: Bool) throws(InvalidValue) {
        guard Self.isName(name) else {
            throw InvalidValue(
                "the name of a volume is 2 to 128 of a-z, A-Z, 0-9, _, . and -, and begins with a letter or digit; "
                    + "paths of the host cannot be mounted"
            )
        }
        let parts = target.split(separator: "/").filter { $0 != "." }
        guard target.isAbsolutePath, !parts.isEmpty else {
            throw InvalidValue("the target of a volume is an absolute path in the container, and not its root")
        }
        self.name = name
        self.target = "/" + parts.joined(separator: "/")
        self.isReadOnly = isReadOnly
    }

    private static func isName(_ name: String) -> Bool {
        guard (2...128).contains(name.utf8.count) else { return false }
        let first = name.utf8.first.map(isLetterOrDigit) ?? false
        return first && name.utf8.allSatisfy { isLetterOrDigit($0) || "_.-".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension String {
    /// Whether this begins with `/`, has no NUL and no `..`, and is no longer than a path may be.
    package var isAbsolutePath: Bool {
        utf8.first == UInt8(ascii: "/") && utf8.count < 4096 && !utf8.contains(0)
            && !split(separator: "/").contains("..")
    }
}

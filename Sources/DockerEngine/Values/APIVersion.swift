/// A version of the Docker Engine API, such as 1.41.
package struct APIVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int

    /// The oldest version that this client supports: Docker 20.10.
    package static let oldest = APIVersion(major: 1, minor: 41)
    /// The newest version that this client supports: Docker 29.
    package static let newest = APIVersion(major: 1, minor: 52)

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Nil unless `text` is two small numbers with a dot between them.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = decimal(parts[0]), let minor = decimal(parts[1]) else { return nil }
        self.init(major: Int(major), minor: Int(minor))
    }

    package var description: String { "\(major).\(minor)" }

    package static func < (left: APIVersion, right: APIVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// The newest version that both sides support; throws if there is none.
    static func agreed(engineOldest: APIVersion, engineNewest: APIVersion) throws(EngineVersionMismatch) -> APIVersion {
        guard engineNewest >= oldest else { throw .engineTooOld(speaks: engineNewest) }
        guard engineOldest <= newest else { throw .engineTooNew(needs: engineOldest) }
        return min(engineNewest, newest)
    }
}

/// The engine and this client have no common API version.
package enum EngineVersionMismatch: Error, Sendable, Equatable {
    case engineTooOld(speaks: APIVersion)
    case engineTooNew(needs: APIVersion)
}

/// The number written in `text` as decimal digits only; `UInt16` would also accept a sign.
func decimal(_ text: Substring) -> UInt16? {
    text.utf8.allSatisfy(\.isDigit) ? UInt16(text) : nil
}

/// A browser's session: it acts as a token until it expires or is deleted.
package struct BrowserSession: Sendable, Equatable {
    /// The id of the token.
    let token: String
    let expiresAt: Timestamp

    /// Of one token.
    static let maximumCount = 100
    package static let lifetime = Duration.seconds(30 * 24 * 3600)
}

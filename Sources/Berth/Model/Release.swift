/// One immutable version of an app's settings.
package struct Release: Sendable, Equatable {
    package let app: AppName
    /// Starts at 1 and grows.
    package let number: Int
    package let settings: AppSettings
    package let createdAt: Timestamp
    /// The user who made it; nil for releases from before this was recorded.
    package let createdBy: String?
    package let origin: Origin

    /// How the release came about.
    package enum Origin: Sendable, Equatable {
        case created
        case changed
        /// The settings are those of this earlier release.
        case rolledBack(to: Int)
        /// Reconstructed from a container whose record was lost.
        case adopted
    }
}

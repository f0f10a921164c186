/// One immutable version of an app's settings.
package struct Release: Sendable, Equatable {
    package let app: AppName
    /// From 1, growing.
    package let number: Int
    package let settings: AppSettings
    package let createdAt: Timestamp
    /// Who made it; nil for those of before this was kept.
    package let createdBy: String?
    package let origin: Origin

    /// How it came to be.
    package enum Origin: Sendable, Equatable {
        case created
        case changed
        /// The settings are those of this earlier release.
        case rolledBack(to: Int)
        /// Read off a container whose record was lost.
        case adopted
    }
}

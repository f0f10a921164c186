/// A named definition that containers are started from.
package struct App: Sendable, Equatable {
    package let name: AppName
    /// The number of the current release, from 1.
    package let release: Int
    package let settings: AppSettings
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
}

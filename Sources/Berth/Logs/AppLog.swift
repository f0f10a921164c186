/// The output of an app's runs, for one reader.
package struct AppLog: Sendable {
    let history: [AppLogItem]
    /// Nil if it is not followed.
    let follower: AppLogFollower?

    /// Passes what was written until now to `send`, by time, and then new output in the order in which it arrives;
    /// while there is none, an empty list from time to time.
    ///
    /// - Throws: what `send` throws, and `CancellationError`.
    package func read(_ send: ([AppLogItem]) async throws -> Void) async throws {
        var rest = history[...]
        while !rest.isEmpty {
            try await send(Array(rest.prefix(Self.batch)))
            rest = rest.dropFirst(Self.batch)
        }
        try await follower?.read(send)
    }

    private static let batch = 512
}

package import DockerEngine

/// A pull that a client follows.
///
/// It is cancelled when this object is released before its end, unless others wait for the same image.
package final class FollowedPull: Sendable {
    private let report: PullReport
    private let task: Task<ImageID, any Error>

    /// Ten lines a second.
    private static let batch = 5
    private static let pause = Duration.milliseconds(500)

    /// - Parameter pull: pulls the image and returns its id.
    init(_ pull: @escaping @Sendable (PullReport) async throws -> ImageID) {
        let report = PullReport()
        self.report = report
        // A task of its own, as it begins before the response and continues while the response is sent.
        task = Task {
            defer { report.end() }
            return try await pull(report)
        }
    }

    deinit { task.cancel() }

    /// Returns when there is a line of progress, or the image.
    ///
    /// - Throws: the error of a pull that has failed without a line.
    package func waitForProgress() async throws {
        try await withTaskCancellationHandler {
            if try await !report.waitForFirst() { _ = try await task.value }
        } onCancel: {
            task.cancel()
        }
    }

    /// Passes lines of progress to `send`: of each layer the latest one, and about ten lines a second.
    ///
    /// - Returns: the id of the image.
    package func read(_ send: ([PullProgress]) async throws -> Void) async throws -> ImageID {
        while let lines = try await report.next(atMost: Self.batch) {
            try await send(lines)
            await report.waitForEnd(atMost: Self.pause)
        }
        return try await task.value
    }
}

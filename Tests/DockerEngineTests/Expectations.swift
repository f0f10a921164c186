import TestSupport
import Testing

@testable import DockerEngine

/// Expects `EngineError.undecodable` with a message that is fit for a log: one clean line of at most 1 KiB.
func expectUndecodable(
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let error = await #expect(throws: EngineError.self, comment, sourceLocation: sourceLocation) { try await body() }
    guard case .undecodable(let reason) = error else {
        Issue.record("threw \(String(describing: error)) instead of undecodable", sourceLocation: sourceLocation)
        return
    }
    #expect(isCleanLine(reason), comment, sourceLocation: sourceLocation)
}

/// Expects `EngineError.unreachable`.
func expectUnreachable(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let error = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) { try await body() }
    guard case .unreachable(let reason) = error else {
        Issue.record("threw \(String(describing: error)) instead of unreachable", sourceLocation: sourceLocation)
        return
    }
    #expect(isCleanLine(reason), sourceLocation: sourceLocation)
}

/// Whether `text` is one line of at most 1 KiB without terminal control characters.
func isCleanLine(_ text: String) -> Bool {
    text.utf8.count <= 1024
        && text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
}

/// Waits until `condition` holds, and expects that it does within `limit`.
func expectEventually(
    within limit: Duration = .timeout,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while !condition(), .now < end { try await Task.sleep(for: .milliseconds(5)) }
    #expect(condition(), sourceLocation: sourceLocation)
}

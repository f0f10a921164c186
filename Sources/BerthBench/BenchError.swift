import BerthAPI
import DockerEngine

/// Why nothing was measured, in a sentence for the user.
package struct BenchError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// `error` in words for people.
func words(for error: any Error) -> String {
    switch error {
    case APIError.unreachable: "\(error). Start one with berth serve, or select another with --server"
    case let error as SSHFailure: "ssh: \(error.message)"
    case is CancellationError: "interrupted"
    default: "\(error)"
    }
}

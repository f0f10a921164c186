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
    case APIError.problem(let problem) where problem.status == 401:
        "the server needs a token: pass one with --token or BERTH_TOKEN (\(problem.code)). Without these, the file "
            + "admin-token in the directory --state-dir is used, if the server is on this machine and you may read it"
    case APIError.problem(let problem) where problem.status == 403:
        "\(problem.detail) (\(problem.code)). A measurement needs the role deployer, and all apps"
    case let error as SSHFailure: "ssh: \(error.message)"
    case is CancellationError: "interrupted"
    default: "\(error)"
    }
}

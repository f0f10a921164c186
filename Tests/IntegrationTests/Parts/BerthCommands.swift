import FoundationEssentials
import Subprocess
import SystemPackage

/// The real program, run to its end.
struct CommandResult: Sendable {
    let status: TerminationStatus
    let output: String
    let error: String

    var isSuccess: Bool { status.isSuccess }
    /// Exit code 1 and one line that starts with the usual prefix.
    var isRefusal: Bool {
        status == .exited(1) && error.hasPrefix("berth: ") && error.split(separator: "\n").count == 1
    }
}

func runBerth(_ arguments: String..., environment: [String: String] = [:]) async throws -> CommandResult {
    try await runBerth(arguments: arguments, environment: environment)
}

func runBerth(arguments: [String], environment: [String: String] = [:]) async throws -> CommandResult {
    let changes = Dictionary(
        uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1 as String?) }
    )
    let result = try await Subprocess.run(
        .path(FilePath(BerthProcess.binary)),
        arguments: Arguments(arguments),
        environment: .inherit.updating(changes),
        output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20)
    )
    return CommandResult(
        status: result.terminationStatus,
        output: result.standardOutput,
        error: result.standardError
    )
}

/// The output of the `sqlite3` program, as a user looks into a file.
@discardableResult
func runSQLite(_ path: String, _ sql: String) async throws -> String { try await runTool("sqlite3", path, sql) }

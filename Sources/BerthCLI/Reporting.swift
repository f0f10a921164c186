import ArgumentParser
import BerthServer
import Foundation

extension ParsableCommand {
    /// Runs `body` and ends the process; an error becomes one line on standard error, and the exit code 1.
    ///
    /// - Parameter format: the format of that line.
    func reporting(_ format: LogFormat = .text, _ body: () async throws -> Void) async throws {
        do {
            try await body()
            Self.end(ExitCode.success)
        } catch {
            // One line that a person at a terminal can act on.
            let line = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            FileHandle.standardError.write(Data((format.line("berth: \(line)", isFailure: true) + "\n").utf8))
            Self.end(ExitCode.failure)
        }
    }

    /// Skips the handlers of `exit`: OpenSSL's free memory that threads of the database driver may still use.
    private static func end(_ code: ExitCode) -> Never {
        fflush(nil)
        _exit(code.rawValue)
    }

    /// Prints a line without buffering, also if the output is not a terminal.
    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

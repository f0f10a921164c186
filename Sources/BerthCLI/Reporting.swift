import ArgumentParser
import BerthServer
import Foundation

extension ParsableCommand {
    /// Runs `body` and ends the process; what it throws becomes one line on standard error, and the exit code 1.
    ///
    /// - Parameter format: of that line.
    func reporting(_ format: LogFormat = .text, _ body: () async throws -> Void) async throws {
        do {
            try await body()
            Self.end(ExitCode.success)
        } catch {
            // One line: what a person at a terminal can act on.
            let line = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            FileHandle.standardError.write(Data((format.line("berth: \(line)", isFailure: true) + "\n").utf8))
            Self.end(ExitCode.failure)
        }
    }

    /// Without the handlers of `exit`: OpenSSL's take away what threads of the database's driver may be using.
    private static func end(_ code: ExitCode) -> Never {
        fflush(nil)
        _exit(code.rawValue)
    }

    /// Prints a line now, also where the output is no terminal.
    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

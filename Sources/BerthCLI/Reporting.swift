import ArgumentParser
import Foundation

extension ParsableCommand {
    /// Runs `body`; what it throws becomes one line on standard error, and the exit code 1.
    func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            // One line: what a person at a terminal can act on.
            let line = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            FileHandle.standardError.write(Data("berth: \(line)\n".utf8))
            throw ExitCode.failure
        }
    }

    /// Prints a line now, also where the output is no terminal.
    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

import ArgumentParser
import BerthAPI
import BerthBench
import BerthServer
import Configuration
import Foundation
import JSON

/// `berth bench`: measures the speed of an installation.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a server and a host of yours: runs, status and lists, beside the engine itself.",
        discussion: """
            Defines an app, runs it on the host, has the engine do the same without Berth in turns, and takes away all \
            that it has made, also when it is interrupted. The way to the engine is a second one of the same kind, opened \
            from here with your keys; without one, Berth alone is measured.

            --server, --state-dir and --ssh-config are BERTH_SERVER, BERTH_STATE_DIR and BERTH_SSH_CONFIG too. The table \
            goes to standard output, and what is going on to standard error. docs/performance.md says how to read it. \
            Exits with 1 and one line when nothing was measured, or something could not be taken away.
            """
    )

    @Option(help: "The server: http://127.0.0.1:PORT or unix:/PATH. (default: http://127.0.0.1:8080)")
    var server: String?

    @Option(help: "The name of one of its hosts. (default: its default host)")
    var host: String?

    @Option(help: "What is run; fetched before, where the host does not have it.")
    var image = "busybox:latest"

    @Option(
        help: "What is run in it, for longer than a few seconds; split like a shell's line. (empty: the image's own)"
    )
    var command = "sleep 1000"

    @Option(help: "How many times, 1 to 1000.")
    var runs = 30

    @Flag(help: "Print one JSON object in place of the tables.")
    var json = false

    @OptionGroup
    var ssh: SSHConfigurationOptions

    @OptionGroup
    var state: StateOptions

    func validate() throws {
        guard BenchOptions.possibleRuns.contains(runs) else {
            throw ValidationError("--runs is a number from 1 to 1000")
        }
    }

    func run() async throws {
        try await reporting {
            let outcome = try await Benchmark(options()) { Self.printProgress($0) }.run()
            Self.say(json ? outcome.report.json.text : outcome.report.text)
            guard outcome.left.isEmpty else { throw Leftovers(description: outcome.left.joined(separator: "; ")) }
        }
    }

    private func options() throws -> BenchOptions {
        var flags = Flags()
        flags.set("server", server)
        ssh.set(in: &flags)
        state.set(in: &flags)
        let address = flags.reader.string(forKey: "berth.server", default: "http://127.0.0.1:8080")
        let words = try ShellWords.split(command)
        return BenchOptions(
            server: try APIAddress(address),
            host: host,
            image: image,
            command: words.isEmpty ? nil : words,
            runs: runs,
            ssh: try Settings.ssh(flags.reader)
        )
    }

    /// Prints a line of progress, for people.
    private static func printProgress(_ line: String) {
        FileHandle.standardError.write(Data("bench: \(line)\n".utf8))
    }

    /// Objects that were created and could not be removed.
    private struct Leftovers: Error, CustomStringConvertible {
        let description: String
    }
}

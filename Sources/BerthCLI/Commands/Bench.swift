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
        abstract: "Measure the speed of a server and one of its hosts: runs, status and lists.",
        discussion: """
            Defines an app and runs it on the host. Alternates this with containers that it creates directly on the \
            engine, without Berth, for comparison. Removes everything that it has created, also if it is interrupted. \
            The direct connection to the engine is of the same kind as the server's, and uses your keys; if it cannot \
            be opened, only Berth is measured.

            The options --server, --token, --state-dir and --ssh-config can also be set as BERTH_SERVER, BERTH_TOKEN, \
            BERTH_STATE_DIR and BERTH_SSH_CONFIG. Prints the results to standard output, and its progress to standard error. \
            docs/performance.md explains the results. On failure, prints one line and exits with 1.
            """
    )

    @Option(help: "The server: http://127.0.0.1:PORT, https://HOST or unix:/PATH. (default: http://127.0.0.1:8080)")
    var server: String?

    @Option(
        help: """
            A deployer's token. Other users of this machine can see options, not variables: prefer BERTH_TOKEN. \
            (default: for a server on this machine the file admin-token in its state directory, if you may read it)
            """
    )
    var token: String?

    @Option(help: "The name of one of the server's hosts. (default: the server's default host)")
    var host: String?

    @Option(help: "The image to run; it is pulled first if the host does not have it.")
    var image = "busybox:latest"

    @Option(help: "The command to run, for more than a few seconds; split as in a shell. (empty: the image's own)")
    var command = "sleep 1000"

    @Option(help: "The number of runs, 1 to 1000.")
    var runs = 30

    @Flag(help: "Print one JSON object instead of the tables.")
    var json = false

    @OptionGroup
    var ssh: SSHConfigurationOptions

    @OptionGroup
    var state: StateOptions

    func validate() throws {
        guard BenchOptions.possibleRuns.contains(runs) else {
            throw ValidationError("--runs must be a number from 1 to 1000")
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
        flags.set("token", token, isSecret: true)
        ssh.set(in: &flags)
        state.set(in: &flags)
        let address = try APIAddress(flags.reader.string(forKey: "berth.server", default: "http://127.0.0.1:8080"))
        let given = flags.reader.string(forKey: "berth.token", isSecret: true)
        let words = try ShellWords.split(command)
        return BenchOptions(
            server: address,
            token: try given ?? (address.isLoopback ? AdminToken.kept(flags.reader) : nil),
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

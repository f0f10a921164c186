import ArgumentParser
import BerthAPI

@main
struct BerthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Run apps as containers on your own Docker servers, through one HTTP API.",
        version: Version.current,
        subcommands: [Serve.self, Backup.self, Restore.self, Migrate.self, Secrets.self, Bench.self]
    )
}

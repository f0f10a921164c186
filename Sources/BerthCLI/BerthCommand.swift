import ArgumentParser
import BerthAPI

@main
struct BerthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Your Docker servers as your own small cloud: define an app, run it, see what runs.",
        version: Version.current,
        subcommands: [Serve.self, Backup.self, Restore.self, Migrate.self, Bench.self]
    )
}

import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth restore`: replaces the database with a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in place of the database, while no server uses it.",
        discussion: """
            Only the rows of FILE are taken over, into a database of Berth's own making, after each was checked. An \
            SQLite database that is there is kept beside the new one under another name, which is printed. A MySQL or \
            MariaDB database has to be empty.

            --database and --state-dir are BERTH_DATABASE and BERTH_STATE_DIR as for `berth serve`. Exits with 1 and \
            one line when nothing was restored.
            """
    )

    @Argument(help: "The backup, as `berth backup` made it.")
    var file: String

    @OptionGroup
    var options: DatabaseOptions

    func run() async throws {
        try await reporting {
            var flags = Flags()
            options.set(in: &flags)
            let settings = try DatabaseSettings(flags.reader)
            let (file, database) = (try settings.file(file), try settings.database)
            try settings.makeStateDirectory()
            let maintenance = Maintenance(stateDirectory: settings.stateDirectory)
            Self.say(try await maintenance.restore(file, to: database, progress: Self.say))
        }
    }
}

import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth restore`: replaces the database with a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replace the database with a backup. The server must be stopped.",
        discussion: """
            Checks each row of FILE and copies it into a new database. An existing SQLite database is kept under \
            another name in the same directory; the command prints the name. A MySQL or MariaDB database must be \
            empty. Secrets stay encrypted: the server needs the key file that belongs to the backup.

            The options --database and --state-dir can also be set as BERTH_DATABASE and BERTH_STATE_DIR, as for \
            `berth serve`. On failure, prints one line, restores nothing, and exits with 1.
            """
    )

    @Argument(help: "The backup that `berth backup` created.")
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

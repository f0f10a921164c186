import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth backup`: copies the database while the server runs.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the SQLite database to a file. The server may be running.",
        discussion: """
            Writes the copy to FILE.part, checks it, and renames it to FILE; a failure leaves no file. The copy \
            contains the variables of apps unencrypted, and only its owner can read it. Secrets are encrypted in it: \
            keep the file secret-key of the state directory too, at another place. For a MySQL or MariaDB \
            database, the command prints how to back it up with the database's own tools.

            The options --database and --state-dir can also be set as BERTH_DATABASE and BERTH_STATE_DIR, as for \
            `berth serve`. On failure, prints one line and exits with 1.
            """
    )

    @Argument(help: "The file to write.")
    var file: String

    @OptionGroup
    var options: DatabaseOptions

    @Flag(help: "Replace FILE, and the FILE.part of a backup that was killed.")
    var force = false

    func run() async throws {
        try await reporting {
            var flags = Flags()
            options.set(in: &flags)
            let settings = try DatabaseSettings(flags.reader)
            let maintenance = Maintenance(stateDirectory: settings.stateDirectory)
            Self.say(try await maintenance.backUp(settings.database, to: settings.file(file), replaces: force))
        }
    }
}

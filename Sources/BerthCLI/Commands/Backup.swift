import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth backup`: copies the database while the server runs.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the SQLite database to a file, also while a server uses it.",
        discussion: """
            The copy is made as FILE.part, checked, and then renamed; a failure leaves nothing behind. It holds the \
            variables of apps in the clear and is readable for its owner alone. A MySQL or MariaDB database is backed up \
            by its own tools; this says how.

            --database and --state-dir are BERTH_DATABASE and BERTH_STATE_DIR as for `berth serve`. Exits with 1 and \
            one line when there is no copy.
            """
    )

    @Argument(help: "Where the copy shall be.")
    var file: String

    @OptionGroup
    var options: DatabaseOptions

    @Flag(help: "Replace FILE, and what a killed backup has left.")
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

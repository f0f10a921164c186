import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth migrate`: moves the data from one kind of database to another.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy all records from one database to another, while no server uses either.",
        discussion: """
            From SQLite to MySQL or MariaDB, back, or between two of a kind. The target has to be empty; every row is \
            compared afterwards. The source is left as it is. A failure leaves the target empty.

            Others see a flag's password in ps: rather set BERTH_FROM and BERTH_TO, or use password_file= in the URL. \
            Without --from it is the database that `berth serve` would use. Exits with 1 and one line on failure.
            """
    )

    @Option(
        help: """
            The database that is copied: sqlite:PATH or mysql://user:password@host:port/database. (default: \
            BERTH_DATABASE, else berth.db in the state directory)
            """
    )
    var from: String?

    @Option(help: "The empty database that it is copied to.")
    var to: String?

    @OptionGroup
    var options: StateOptions

    func run() async throws {
        try await reporting {
            var flags = Flags()
            flags.set("from", from, isSecret: true)
            flags.set("to", to, isSecret: true)
            options.set(in: &flags)
            let settings = try DatabaseSettings(flags.reader)
            let (source, target) = try settings.move
            let maintenance = Maintenance(stateDirectory: settings.stateDirectory)
            Self.say(try await maintenance.migrate(from: source, to: target, progress: Self.say))
        }
    }
}

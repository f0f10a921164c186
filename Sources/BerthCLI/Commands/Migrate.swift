import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth migrate`: moves the data from one kind of database to another.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy all records to another database. No server may use either database.",
        discussion: """
            Copies from SQLite to MySQL or MariaDB, the other way, or between two databases of the same kind. The \
            target must be empty. Compares every row after the copy. Does not change the source. A failure leaves the \
            target empty. Secrets stay encrypted with the same key file.

            Other users can see a password on the command line in ps. Set BERTH_FROM and BERTH_TO instead, or use \
            password_file= in the URL. On failure, prints one line and exits with 1.
            """
    )

    @Option(
        help: """
            The database to copy: sqlite:PATH or mysql://user:password@host:port/database. (default: BERTH_DATABASE, \
            otherwise berth.db in the state directory)
            """
    )
    var from: String?

    @Option(help: "The empty database to copy to, in the same form. Required, unless BERTH_TO is set.")
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

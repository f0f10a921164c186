import ArgumentParser

/// Selects the database for a command.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: """
            The database: sqlite:PATH or mysql://user:password@host:port/database; others see a flag's password in ps, \
            so rather set BERTH_DATABASE. (default: berth.db in the state directory)
            """
    )
    var database: String?

    @OptionGroup
    var state: StateOptions

    func set(in flags: inout Flags) {
        flags.set("database", database, isSecret: true)
        state.set(in: &flags)
    }
}

/// Selects the server's state directory.
struct StateOptions: ParsableArguments {
    @Option(
        help: """
            Where tunnels' sockets, approved host keys and the database are kept. (default: /var/lib/berth for root, \
            else ~/.local/state/berth)
            """
    )
    var stateDir: String?

    func set(in flags: inout Flags) { flags.set("state-dir", stateDir) }
}

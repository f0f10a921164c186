import ArgumentParser

/// Selects the database for a command.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: """
            The database: sqlite:PATH or mysql://user:password@host:port/database. Other users can see a password on \
            the command line in ps; set BERTH_DATABASE instead. (default: berth.db in the state directory)
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

/// Selects the key with which the secrets in the database are encrypted.
struct SecretKeyOptions: ParsableArguments {
    @Option(
        help: """
            The file with the key for secrets, 32 bytes in base64. (default: secret-key in the state directory)
            """
    )
    var secretKeyFile: String?

    func set(in flags: inout Flags) { flags.set("secret-key-file", secretKeyFile) }
}

/// Selects the server's state directory.
struct StateOptions: ParsableArguments {
    @Option(
        help: """
            The directory for the database, the first token, keys and sockets. (default: /var/lib/berth for root, \
            otherwise ~/.local/state/berth)
            """
    )
    var stateDir: String?

    func set(in flags: inout Flags) { flags.set("state-dir", stateDir) }
}

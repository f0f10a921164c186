import ArgumentParser
import BerthMaintenance
import BerthServer

/// `berth secrets`: commands for secrets.
struct Secrets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work with secrets.",
        subcommands: [SecretsRotateKey.self]
    )
}

/// `berth secrets rotate-key`: replaces the key with which secrets are encrypted.
struct SecretsRotateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Encrypt all secrets with a new key. The server must be stopped.",
        discussion: """
            Writes a new key beside the key file, encrypts all secrets and passwords of registries again in one \
            transaction, and then replaces the key file. If it is interrupted, run it again, or start the server: the \
            key that fits is used. Backups that were made before need the old key: keep a copy of it with them.

            The options --database, --state-dir and --secret-key-file can also be set as BERTH_DATABASE, \
            BERTH_STATE_DIR and BERTH_SECRET_KEY_FILE, as for `berth serve`. On failure, prints one line and exits \
            with 1.
            """
    )

    @OptionGroup
    var options: DatabaseOptions

    @OptionGroup
    var secretKey: SecretKeyOptions

    func run() async throws {
        try await reporting {
            var flags = Flags()
            options.set(in: &flags)
            secretKey.set(in: &flags)
            let settings = try DatabaseSettings(flags.reader)
            let maintenance = Maintenance(stateDirectory: settings.stateDirectory)
            Self.say(
                try await maintenance.replaceSecretKey(in: settings.secretKeyFile, of: settings.database)
            )
        }
    }
}

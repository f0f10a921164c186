package import Configuration
import Glibc
package import SQL

/// The databases for a command that runs without a server.
package struct DatabaseSettings: Sendable {
    package let stateDirectory: String
    private let config: ConfigReader

    /// Reads `berth.*` from flags and environment, as the server does.
    package init(_ config: ConfigReader) throws {
        umask(0o077)
        self.config = config.scoped(to: "berth")
        stateDirectory = try absolute(
            self.config.string(forKey: "state-dir") ?? Settings.defaultStateDirectory,
            "--state-dir"
        )
    }

    /// The database of `--database`, else the one in the state directory.
    package var database: DatabaseURL {
        get throws { try Settings.database(config.string(forKey: "database"), stateDirectory: stateDirectory) }
    }

    /// The key file of `--secret-key-file`, else the one in the state directory.
    package var secretKeyFile: String {
        get throws {
            try Settings.secretKeyFile(config.string(forKey: "secret-key-file"), stateDirectory: stateDirectory)
        }
    }

    /// The databases of `--from`, else as ``database``, and `--to`.
    package var move: (from: DatabaseURL, to: DatabaseURL) {
        get throws {
            guard let to = config.string(forKey: "to") else {
                throw SettingsError(
                    "--to or BERTH_TO is required: the database to copy to, as sqlite:PATH or "
                        + "mysql://user@host:port/database"
                )
            }
            let from = config.string(forKey: "from") ?? config.string(forKey: "database")
            return (
                try Settings.database(from, stateDirectory: stateDirectory, flag: "--from"),
                try Settings.database(to, stateDirectory: stateDirectory, flag: "--to")
            )
        }
    }

    /// The absolute path of a file argument.
    package func file(_ path: String) throws -> String { try absolute(path, "FILE") }

    /// Creates the state directory if it is missing.
    package func makeStateDirectory() throws { try makeDirectory(stateDirectory) }
}

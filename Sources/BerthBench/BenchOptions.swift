package import BerthAPI
package import DockerEngine

/// The options of a measurement.
package struct BenchOptions: Sendable {
    package let server: APIAddress
    /// Nil if the server needs none.
    package let token: String?
    /// Nil for the server's default host.
    package let host: String?
    package let image: String
    /// Nil for the image's own command; it must run for more than a few seconds.
    package let command: [String]?
    package let runs: Int
    /// The server's own settings, from which the known hosts and the configuration are used.
    package let ssh: SSHSettings

    package static let possibleRuns = 1...1000

    package init(
        server: APIAddress,
        token: String?,
        host: String?,
        image: String,
        command: [String]?,
        runs: Int,
        ssh: SSHSettings
    ) {
        self.server = server
        self.token = token
        self.host = host
        self.image = image
        self.command = command
        self.runs = runs
        self.ssh = ssh
    }
}

package import BerthAPI
package import DockerEngine

/// What is to be measured.
package struct BenchOptions: Sendable {
    package let server: APIAddress
    /// The server's default host where nil.
    package let host: String?
    package let image: String
    /// The image's own where nil; something that runs for longer than a few seconds.
    package let command: [String]?
    package let runs: Int
    /// The server's own, of which the known hosts and the configuration are taken.
    package let ssh: SSHSettings

    package static let possibleRuns = 1...1000

    package init(
        server: APIAddress,
        host: String?,
        image: String,
        command: [String]?,
        runs: Int,
        ssh: SSHSettings
    ) {
        self.server = server
        self.host = host
        self.image = image
        self.command = command
        self.runs = runs
        self.ssh = ssh
    }
}

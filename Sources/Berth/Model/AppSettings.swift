package import DockerEngine

/// The settings that an app's containers are created from; ``all`` defines each of them.
///
/// Each change makes a new release. Nil means the image's own value, or no limit.
package struct AppSettings: Sendable, Equatable {
    package var image: ImageReference
    package var pull = PullPolicy.missing
    package var command: Command?
    package var entrypoint: Command?
    package var variables: Variables
    /// Nil means the server's default host.
    package var host: HostName?
    package var network: String?
    package var ports = Ports()
    package var volumes = Volumes()
    package var tmpfs = TmpfsMounts()
    package var readOnly = false
    /// In bytes.
    package var memory: Int64?
    /// In bytes; nil means the engine's default (64 MiB).
    package var sharedMemory: Int64?
    package var cpus: CPUs?
    package var pidsLimit: Int?
    package var ulimits = Ulimits()
    package var restart = RestartPolicy.no
    package var health: HealthCheck?
    package var labels = Labels()
    package var user: String?
    package var workingDirectory: String?
    package var hostname: String?
    package var extraHosts = ExtraHosts()
    package var usesInit = false
    package var stopSignal: String?
    /// In seconds; nil means the engine's default (10).
    package var stopTimeout: Int?
    /// In seconds.
    package var maxRuntime: Int?

    package static let stopTimeoutRange = 0...3600
    package static let maxRuntimeRange = 1...31_536_000

    package init(image: ImageReference, command: Command? = nil, variables: Variables = Variables()) {
        self.image = image
        self.command = command
        self.variables = variables
    }
}

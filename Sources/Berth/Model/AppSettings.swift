package import DockerEngine

/// What a container of an app is made from; ``all`` says all that is to be known of each setting.
///
/// Each change of it is a new release. What is nil is the image's own, or no limit.
package struct AppSettings: Sendable, Equatable {
    package var image: ImageReference
    package var pull = PullPolicy.missing
    package var command: Command?
    package var entrypoint: Command?
    package var variables: Variables
    /// The server's default host where nil.
    package var host: HostName?
    package var network: String?
    package var ports = Ports()
    package var volumes = Volumes()
    package var tmpfs = TmpfsMounts()
    package var readOnly = false
    /// In bytes.
    package var memory: Int64?
    /// In bytes; the engine's own (64 MiB) where nil.
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
    /// In seconds; the engine's own (10) where nil.
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

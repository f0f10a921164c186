import DockerEngine

/// What a container of ours carries, so that the engines alone tell what runs.
struct ContainerLabels: Sendable, Equatable {
    /// Which server's: its database's own id.
    let instance: String
    let app: String
    let release: String
    let run: RunID

    static let instanceLabel = "berth.instance"
    static let runLabel = "berth.run"
    static let appLabel = "berth.app"
    static let releaseLabel = "berth.release"
    /// Whether the engine starts it again when it ends: events carry labels, and nothing else of that.
    static let restartLabel = "berth.restart"

    init(of run: Run, instance: String) {
        self.instance = instance
        app = run.app.description
        release = "\(run.release)"
        self.run = run.id
    }

    var dictionary: [String: String] {
        [
            Self.instanceLabel: instance, Self.appLabel: app, Self.releaseLabel: release,
            Self.runLabel: run.description,
        ]
    }
}

extension ContainerSpec {
    /// The container of `run`: all that an app's settings become on an engine, and nothing else.
    init(of run: Run, settings: AppSettings, instance: String) {
        let own = settings.labels.list.map { ($0.name, $0.value) }
        self.init(
            image: settings.image.description,
            command: settings.command?.words,
            environment: settings.variables.environment,
            labels: ContainerLabels(of: run, instance: instance).dictionary.merging(own) { ours, _ in ours }
        )
        labels[ContainerLabels.restartLabel] = settings.restart.rawValue
        entrypoint = settings.entrypoint?.words
        user = settings.user
        workingDirectory = settings.workingDirectory
        stopTimeout = settings.stopTimeout
        ports = settings.ports.list.map { PortBinding(ContainerPort($0.container, $0.transport), hostPort: $0.host) }
        mounts = settings.volumes.list.map {
            VolumeMount(name: $0.name, target: $0.target, isReadOnly: $0.isReadOnly)
        }
        memoryBytes = settings.memory
        nanoCPUs = settings.nanoCPUs
        restartPolicy = settings.restart == .no ? nil : settings.restart
    }
}

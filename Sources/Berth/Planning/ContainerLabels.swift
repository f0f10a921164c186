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
    /// The network that an app's settings name, so that it is removed after its last container.
    static let networkLabel = "berth.network"
    /// Whether the engine starts it again when it ends: events carry labels, and nothing else of that.
    static let restartLabel = "berth.restart"

    /// In its form of Docker's command line.
    let restart: String

    init(of run: Run, restart: RestartPolicy, instance: String) {
        self.instance = instance
        self.restart = restart.description
        app = run.app.description
        release = "\(run.release)"
        self.run = run.id
    }

    var dictionary: [String: String] {
        [
            Self.instanceLabel: instance, Self.appLabel: app, Self.releaseLabel: release,
            Self.runLabel: run.description, Self.restartLabel: restart,
        ]
    }
}

extension ContainerSpec {
    /// The container of `run`: all that an app's settings become on an engine, and nothing else.
    init(of run: Run, settings: AppSettings, instance: String) {
        self.init()
        config.labels = [:]
        settings.apply(to: &self)
        let own = ContainerLabels(of: run, restart: settings.restart, instance: instance).dictionary
        config.labels?.merge(own) { _, ours in ours }
        if let network = settings.network { endpoints = [network: NetworkEndpoint(aliases: [run.app.description])] }
    }
}

import DockerEngine

/// The labels of a container of Berth's.
///
/// With them, the engines alone suffice to find out what runs.
struct ContainerLabels: Sendable, Equatable {
    /// The id of the server's database.
    let instance: String
    let app: String
    let release: String
    let run: RunID

    static let instanceLabel = "berth.instance"
    static let runLabel = "berth.run"
    static let appLabel = "berth.app"
    static let releaseLabel = "berth.release"
    /// The network that an app's settings name, so that it can be removed after its last container.
    static let networkLabel = "berth.network"
    /// The restart policy: events carry labels, but not the policy itself.
    static let restartLabel = "berth.restart"

    /// The restart policy in the syntax of Docker's command line.
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
    /// The container of `run`, completely determined by the app's settings.
    init(of run: Run, settings: AppSettings, instance: String) {
        self.init()
        config.labels = [:]
        settings.apply(to: &self)
        let own = ContainerLabels(of: run, restart: settings.restart, instance: instance).dictionary
        config.labels?.merge(own) { _, ours in ours }
        if let network = settings.network { endpoints = [network: NetworkEndpoint(aliases: [run.app.description])] }
    }
}

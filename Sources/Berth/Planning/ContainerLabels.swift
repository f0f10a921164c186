import DockerEngine

/// The labels of a container of Berth's.
///
/// With them, the engines alone suffice to find out what runs.
enum ContainerLabels {
    /// The id of the server's database.
    static let instanceLabel = "berth.instance"
    static let runLabel = "berth.run"
    static let appLabel = "berth.app"
    static let releaseLabel = "berth.release"
    /// The network that an app's settings name, so that it can be removed after its last container.
    static let networkLabel = "berth.network"
    /// The restart policy in the syntax of Docker's command line: events carry labels, but not the policy itself.
    static let restartLabel = "berth.restart"

    static func labels(of run: Run, restart: RestartPolicy, instance: String) -> [String: String] {
        [
            instanceLabel: instance, appLabel: run.app.description, releaseLabel: "\(run.release)",
            runLabel: run.id.description, restartLabel: restart.description,
        ]
    }
}

extension ContainerSpec {
    /// The container of `run`, completely determined by the app's settings.
    init(of run: Run, settings: AppSettings, instance: String) {
        self.init()
        config.labels = [:]
        settings.apply(to: &self)
        let own = ContainerLabels.labels(of: run, restart: settings.restart, instance: instance)
        config.labels?.merge(own) { _, ours in ours }
        if let network = settings.network { endpoints = [network: NetworkEndpoint(aliases: [run.app.description])] }
    }
}

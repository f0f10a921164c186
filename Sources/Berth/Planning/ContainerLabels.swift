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
    /// The names of the variables that are secrets, with commas between them, so that they are not taken for settings.
    static let secretsLabel = "berth.secrets"
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
    /// The container of `run`, completely determined by the app's settings and secrets.
    ///
    /// A secret takes precedence over a variable of the same name.
    init(of run: Run, settings: AppSettings, secrets: Variables = Variables(), instance: String) {
        self.init()
        config.labels = [:]
        settings.apply(to: &self)
        let own = ContainerLabels.labels(of: run, restart: settings.restart, instance: instance)
        config.labels?.merge(own) { _, ours in ours }
        if !secrets.list.isEmpty {
            let names = secrets.list.map(\.name)
            let others = zip(settings.variables.list, settings.variables.environment)
            config.environment = others.filter { !names.contains($0.0.name) }.map { $0.1 } + secrets.environment
            config.labels?[ContainerLabels.secretsLabel] = names.joined(separator: ",")
        }
        if let network = settings.network { endpoints = [network: NetworkEndpoint(aliases: [run.app.description])] }
    }
}

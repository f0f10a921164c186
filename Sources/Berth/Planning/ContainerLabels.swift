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
    /// `policy` where the limit of processes is the policy's and not the app's own.
    static let pidsLimitLabel = "berth.pids_limit"
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
    /// The container of `run`, completely determined by the app's settings and secrets and the policy.
    ///
    /// A secret takes precedence over a variable of the same name.
    ///
    /// - Parameter logDriver: the engine's own; nil if it is unknown.
    init(
        of run: Run,
        settings: AppSettings,
        secrets: Variables = Variables(),
        policy: Policy = Policy(),
        logDriver: String? = nil,
        instance: String
    ) {
        self.init()
        config.labels = [:]
        settings.apply(to: &self)
        policy.apply(to: &self, logDriver: logDriver)
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

extension Policy {
    /// Gives a container what all new ones get.
    fileprivate func apply(to spec: inout ContainerSpec, logDriver: String?) {
        if containers.hasNoNewPrivileges { spec.hostConfig.securityOptions = ["no-new-privileges"] }
        if spec.hostConfig.pidsLimit == nil, let limit = defaultPIDsLimit {
            spec.hostConfig.pidsLimit = limit
            spec.config.labels?[ContainerLabels.pidsLimitLabel] = "policy"
        }
        spec.hostConfig.logConfig = logDriver.flatMap(containers.logConfig)
    }
}

extension ContainerDefaults {
    /// Nil for another driver than `json-file` and `local`, and without a limit.
    fileprivate func logConfig(of driver: String) -> LogConfig? {
        guard let logBytes, ["json-file", "local"].contains(driver) else { return nil }
        var options = ["max-size": "\(logBytes)", "max-file": "\(logFiles)"]
        // A driver that compresses full files needs two of them.
        if logFiles == 1 { options["compress"] = "false" }
        return LogConfig(driver: driver, options: options)
    }
}

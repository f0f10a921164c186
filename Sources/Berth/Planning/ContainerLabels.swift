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

    init(of run: Run, instance: String) {
        self.instance = instance
        app = run.app.description
        release = "\(run.release)"
        self.run = run.id
    }

    var dictionary: [String: String] {
        [Self.instanceLabel: instance, "berth.app": app, "berth.release": release, Self.runLabel: run.description]
    }
}

extension ContainerSpec {
    /// The container of `run`.
    init(of run: Run, settings: AppSettings, instance: String) {
        self.init(
            image: settings.image.description,
            command: settings.command?.words,
            environment: settings.variables.environment,
            labels: ContainerLabels(of: run, instance: instance).dictionary
        )
    }
}

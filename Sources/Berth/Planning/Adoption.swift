import DockerEngine

/// A run and its settings, reconstructed from a container of this server that has no record.
struct Adoption: Sendable, Equatable {
    /// Its name may belong to another run by now.
    let run: Run
    /// As complete as the container's data allows.
    let settings: AppSettings
}

extension Adoption {
    /// Nil if the container's labels are not those of a run.
    ///
    /// - Parameter image: the settings that came from the image and not from the app; nil if the image is gone.
    init?(of id: RunID, on host: HostName, _ details: ContainerDetails, image: ContainerConfig?, now: Timestamp) {
        let labels = details.config.labels ?? [:]
        guard labels[ContainerLabels.runLabel] == id.description,
            let app = try? AppName(labels[ContainerLabels.appLabel] ?? ""),
            let release = Int(labels[ContainerLabels.releaseLabel] ?? ""), release > 0, release < 1 << 31,
            let settings = AppSettings(of: details, image: image)
        else { return nil }
        let observation = Observation(details)
        let name = RunName(observation.name).flatMap { $0.isOf(app) ? $0 : nil }
        let found = Run(
            id: id,
            name: name ?? .random(for: app),
            app: app,
            release: release,
            host: host,
            image: settings.image.description,
            command: settings.command?.words,
            stopTimeout: settings.stopTimeout,
            state: .starting,
            createdAt: Timestamp(engineTime: details.created) ?? now
        )
        self.settings = settings
        // A container that was never started is the remains of an interrupted start. It is removed like any other of
        // these.
        run =
            observation.phase == .created
            ? found.failed(because: "Its start was interrupted.", at: now) : found.after(observation)
    }

    /// The run's container among several that carry its label: labels can be copied.
    static func candidate(among containers: [ContainerSummary]) -> ContainerSummary? {
        guard containers.count > 1 else { return containers.first }
        let named = containers.filter { container in
            container.names?.contains { RunName(String($0.dropFirst())) != nil } == true
        }
        return named.count == 1 ? named.first : nil
    }
}

extension Run {
    /// The container that has replaced the run's own, which is gone: Watchtower, Portainer and similar tools create a
    /// new one with the same labels.
    ///
    /// Labels can be copied, so the container must have the run's name, or be the only one. A run that never had a
    /// container is recognized by its name alone.
    func successor(among containers: [ContainerSummary]) -> ContainerID? {
        let others = containers.filter { $0.id != containerID }
        let named = others.first { $0.names?.contains("/\(name)") == true }
        return named?.id ?? (containerID != nil && others.count == 1 ? others[0].id : nil)
    }
}

package import DockerEngine
package import Logging
package import ServiceLifecycle

/// Berth, put together: what can be asked of it, and the services that keep it true.
package struct Platform: Sendable {
    package let apps: Apps
    package let hosts: Hosts
    package let runner: Runner
    package let runs: LiveRuns
    package let store: Store
    /// To be run for as long as the platform is used, in this order.
    package let services: [any Service]

    /// - Parameter addresses: of the hosts, at least one, each name once; the first is the default.
    package init(
        store: Store,
        hosts addresses: [(name: HostName, address: EngineAddress)],
        ssh: SSHSettings,
        logger: Logger
    ) async throws {
        try await store.keepHosts(addresses, at: .now())
        runs = LiveRuns(try await store.runs())
        hosts = Hosts(addresses, ssh: ssh, runs: runs, instance: store.instance, logger: logger)
        runner = Runner(store: store, runs: runs, hosts: hosts, logger: logger)
        apps = Apps(store: store, runs: runs, runner: runner)
        self.store = store
        services = [RunRecorder(runs: runs, store: store, logger: logger)] + hosts.all
    }
}

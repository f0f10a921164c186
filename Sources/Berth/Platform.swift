package import DockerEngine
package import Logging
import SQL
package import ServiceLifecycle

/// Berth, assembled: its use cases, and the services that must run.
package struct Platform: Sendable {
    package let apps: Apps
    package let hosts: Hosts
    package let runner: Runner
    package let runs: RunCache
    package let logs: Logs
    package let execs: Execs
    package let runUsage: RunUsage
    package let images: Images
    package let feed: ChangeFeed
    package let store: Store
    /// What the apps' containers use; nil if usage is not sampled.
    package let usage: AppUsage?
    /// The services to run for as long as the platform is used, in this order.
    package let services: [any Service]

    /// - Parameters:
    ///   - addresses: of the hosts, at least one, each name once; the first is the default.
    ///   - samplesUsage: whether to sample the containers' usage from the engines.
    ///   - remembered: the number of changes that are kept for readers that fall behind.
    ///   - encode: encodes a run into the forms that clients read.
    package init(
        store: Store,
        hosts addresses: [(name: HostName, address: EngineAddress)],
        ssh: SSHSettings,
        retention: RetentionPolicy = RetentionPolicy(),
        samplesUsage: Bool = false,
        remembered: Int = 8192,
        instruments: Instruments = .none,
        encode: @escaping EncodedRun.Encoder,
        logger: Logger
    ) async throws {
        do {
            try await store.keepHosts(addresses, at: .now())
        } catch SQLError.full {
            logger.warning("The hosts are not recorded: the disk of the database is full.")
        }
        feed = ChangeFeed(start: try await Self.start(in: store, logger: logger), capacity: remembered)
        let metrics = RunMetrics(instruments.metrics)
        runs = RunCache(try await store.runs(), feed: feed, metrics: metrics, encode: encode)
        hosts = Hosts(addresses, ssh: ssh, runs: runs, store: store, instruments: instruments, logger: logger)
        logs = Logs(runs: runs, hosts: hosts, store: store)
        execs = Execs(runs: runs, hosts: hosts)
        runUsage = RunUsage(runs: runs, hosts: hosts)
        images = Images(hosts: hosts, runs: runs, store: store)
        runner = Runner(store: store, runs: runs, hosts: hosts, logs: logs, logger: logger)
        apps = Apps(store: store, runs: runs, runner: runner, feed: feed)
        self.store = store
        usage = samplesUsage ? AppUsage() : nil
        var services: [any Service] = [RunRecorder(runs: runs, store: store, logger: logger)]
        services += hosts.all
        services += [
            execs.sessions,
            QueuedRuns(runner: runner),
            RuntimeLimits(runner: runner, logger: logger),
            Retention(policy: retention, runner: runner, logger: logger),
            LogKeeper(logs: logs, runs: runs, store: store, logger: logger),
        ]
        if let usage { services.append(UsageSampler(usage: usage, runs: runs, hosts: hosts)) }
        self.services = services
    }

    private static func start(in store: Store, logger: Logger) async throws -> Int64 {
        do {
            return try await store.countStart()
        } catch SQLError.full {
            logger.warning("This start is not recorded: the disk of the database is full. Events may be missed.")
            return 1
        }
    }
}

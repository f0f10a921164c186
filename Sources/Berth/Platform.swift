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
    package let tokens: Tokens
    package let policies: Policies
    package let secrets: Secrets
    package let registries: Registries
    package let audit: AuditLog
    package let feed: ChangeFeed
    package let store: Store
    /// What the apps' containers use; nil if usage is not sampled.
    package let usage: AppUsage?
    /// The services to run for as long as the platform is used, in this order.
    package let services: [any Service]

    /// - Parameters:
    ///   - addresses: of the hosts, at least one, each name once; the first is the default.
    ///   - certificates: the directory in which hosts from the API may have their TLS certificates; nil for none.
    ///   - secretKey: of the secrets in the store; a new one for a store that has none and is not kept.
    ///   - samplesUsage: whether to sample the containers' usage from the engines.
    ///   - remembered: the number of changes that are kept for readers that fall behind.
    ///   - encode: encodes a run into the forms that clients read.
    /// - Throws: `BerthError` `hostFlagDiffers`, and what the store throws.
    package init(
        store: Store,
        hosts addresses: [(name: HostName, address: EngineAddress)],
        ssh: SSHSettings,
        certificates: String? = nil,
        secretKey: SecretKey = SecretKey(),
        retention: RetentionPolicy = RetentionPolicy(),
        samplesUsage: Bool = false,
        remembered: Int = 8192,
        instruments: Instruments = .none,
        encode: @escaping EncodedRun.Encoder,
        logger: Logger
    ) async throws {
        let known = try await Self.hosts(addresses, in: store, logger: logger)
        feed = ChangeFeed(start: try await Self.start(in: store, logger: logger), capacity: remembered)
        let metrics = RunMetrics(instruments.metrics)
        runs = RunCache(try await store.runs(), feed: feed, metrics: metrics, encode: encode)
        let names = try await store.hostNames().union(known.map(\.name))
        // A server that is killed after it has removed a host may not have recorded the end of that host's runs.
        runs.abandon(runs.runs(with: .running).filter { !names.contains($0.host) }.map(\.id))
        secrets = Secrets(store: store, key: secretKey)
        registries = Registries(store: store, key: secretKey)
        hosts = Hosts(
            known,
            ssh: ssh,
            certificates: certificates,
            registries: registries,
            runs: runs,
            store: store,
            instruments: instruments,
            logger: logger
        )
        logs = Logs(runs: runs, hosts: hosts, store: store)
        execs = Execs(runs: runs, hosts: hosts)
        tokens = try await Tokens(store: store, execs: execs.sessions, logger: logger)
        audit = try await AuditLog(store: store, keep: retention.keepAudit, logger: logger)
        runUsage = RunUsage(runs: runs, hosts: hosts)
        policies = try await Policies(store: store)
        images = Images(hosts: hosts, runs: runs, store: store, policies: policies)
        runner = Runner(
            store: store,
            runs: runs,
            hosts: hosts,
            logs: logs,
            policies: policies,
            secrets: secrets,
            logger: logger
        )
        apps = Apps(store: store, runs: runs, runner: runner, feed: feed)
        self.store = store
        usage = samplesUsage ? AppUsage() : nil
        var services: [any Service] = [
            audit,
            RunRecorder(runs: runs, store: store, logger: logger),
            hosts,
            execs.sessions,
            tokens,
            QueuedRuns(runner: runner),
            RuntimeLimits(runner: runner, logger: logger),
            Retention(policy: retention, runner: runner, logger: logger),
            LogKeeper(logs: logs, runs: runs, store: store, logger: logger),
        ]
        if let usage { services.append(UsageSampler(usage: usage, runs: runs, hosts: hosts)) }
        self.services = services
    }

    /// The hosts from flags, which are recorded, and those that the API has added earlier.
    private static func hosts(
        _ flags: [(name: HostName, address: EngineAddress)],
        in store: Store,
        logger: Logger
    ) async throws -> [Host] {
        let added = try await store.hostsOfAPI()
        for flag in flags {
            guard let host = added.first(where: { $0.name == flag.name }), host.address != flag.address else {
                continue
            }
            throw BerthError.hostFlagDiffers(host.name, from: host.address)
        }
        do {
            try await store.keepHosts(flags, at: .now())
        } catch SQLError.full {
            logger.warning("The hosts are not recorded: the disk of the database is full.")
        }
        let drained = try await store.drainedHosts()
        let configured = flags.map { flag in
            Host(name: flag.name, address: flag.address, source: .flag, isDrained: drained.contains(flag.name))
        }
        return configured + added.filter { host in !flags.contains { $0.name == host.name } }
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

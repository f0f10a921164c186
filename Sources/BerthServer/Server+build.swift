import Berth
import BerthAPI
import DockerEngine
import Glibc
import Hummingbird
import HummingbirdCore
import JSON
package import Logging
import NIOCore
import SQL
import ServiceLifecycle
import Synchronization
import SystemPackage
import UnixSignals

/// The server, built from its settings: store, hosts, routes, services.
package struct Server: Sendable {
    package let settings: Settings
    package let logger: Logger
    private let platform: Platform
    private let monitoring: Monitoring
    private let lock: FileLock
    private let certificate: ServerCertificate?
    private let limits: ConnectionLimits

    /// Opens what the settings name, without listening yet.
    ///
    /// - Throws: `OpeningError` and ``SettingsError``, each with one line for the administrator.
    package static func build(_ settings: Settings) async throws -> Server {
        umask(0o077)
        ResourceLimits.raiseOpenFiles()
        let logger = Logger(label: "berth") { label in
            LogOutput(label: label, format: settings.logFormat, logLevel: settings.logLevel)
        }
        let certificate = try settings.network.tls.map { try ServerCertificate($0, logger: logger) }
        try makeDirectory(settings.stateDirectory)
        try makeDirectory(settings.ssh.directory)
        let lock = try FileLock(path: settings.stateDirectory + "/lock", guarding: settings.stateDirectory)
        SSHLeftovers.remove(in: settings.ssh)
        settings.listen.removeStaleSocket()
        let identity = ServerIdentity(path: settings.stateDirectory + "/instance")
        let monitoring = Monitoring(hasMetrics: settings.hasMetrics, exportsSpans: settings.otlpEndpoint != nil)
        let store = try await Store.open(
            settings.database,
            identity: identity.kept,
            instruments: monitoring.instruments,
            logger: logger
        )
        try identity.keep(store.instance)
        let platform: Platform
        do {
            platform = try await Platform(
                store: store,
                hosts: settings.hosts,
                ssh: settings.ssh,
                certificates: settings.stateDirectory + "/certs",
                secretKey: SecretKeyFile(path: settings.secretKeyFile).key(for: store),
                retention: settings.retention,
                samplesUsage: settings.hasContainerMetrics,
                instruments: monitoring.instruments,
                encode: EncodedRun.Forms.json,
                logger: logger
            )
        } catch let error as BerthError {
            throw SettingsError("--host: \(Problem(error).detail)")
        } catch let error as SQLError {
            throw OpeningError.unreadable("\(settings.database): \(error)")
        }
        if settings.hasAuthentication {
            try await AdminToken(stateDirectory: settings.stateDirectory).make(in: platform.tokens, logger: logger)
        }
        return Server(
            settings: settings,
            logger: logger,
            platform: platform,
            monitoring: monitoring,
            lock: lock,
            certificate: certificate,
            limits: ConnectionLimits(proxies: settings.network.trustedProxies, logger: logger)
        )
    }

    /// Serves until SIGTERM or SIGINT, then waits for requests in progress, for 30 s at most.
    ///
    /// - Parameter onReady: called with the address once it listens.
    package func run(onReady: @escaping @Sendable (String) -> Void) async throws {
        warnOfClearText()
        let listen = settings.listen.withChosenPort
        let awaited = Mutex(listen.bindAddresses.count)
        let router = router
        let applications = listen.bindAddresses.map { address in
            application(router, at: address) { [certificate] port in
                let isLast = awaited.withLock { awaited in
                    awaited -= 1
                    return awaited == 0
                }
                if isLast { onReady(listen.url(hasTLS: certificate != nil, boundTo: port)) }
            }
        }
        var configuration = ServiceGroupConfiguration(
            services: exporters + [certificate].compactMap(\.self) + platform.services + applications,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error where error is SocketAddressError || error is SocketAddressError.UnknownHost {
            throw SettingsError("--listen: the host name in \(settings.listen) cannot be resolved")
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw SettingsError("--listen: cannot listen on \(settings.listen): \(reason)")
        }
        withExtendedLifetime(lock) {}
    }

    private func warnOfClearText() {
        let network = settings.network
        guard !settings.listen.isLocal, network.tls == nil, network.trustedProxies.networks.isEmpty else { return }
        logger.warning(
            """
            Tokens travel in clear text: \(settings.listen) accepts connections from other machines without TLS. Use \
            --tls-certificate and --tls-key, or a proxy with TLS and --trusted-proxy.
            """
        )
    }

    /// The services that start first and so stop last: they export the last spans of the others.
    private var exporters: [any Service] {
        guard let endpoint = settings.otlpEndpoint, let queue = monitoring.tracer.queue else { return [] }
        return [
            SpanExporter(
                queue: queue,
                endpoint: endpoint,
                instance: platform.store.instance,
                metrics: monitoring.instruments.metrics,
                logger: logger
            )
        ]
    }

    /// The HTTP server for one address.
    ///
    /// - Parameter onReady: called with the port once it listens.
    func application(
        _ router: Router<APIContext>,
        at address: BindAddress,
        onReady: @escaping @Sendable (Int?) -> Void
    ) -> some ApplicationProtocol {
        Application(
            router: router,
            server: server,
            configuration: .init(address: address),
            onServerRunning: { onReady($0.localAddress?.port) },
            logger: logger
        )
    }

    /// One router for all addresses, since they share the state of the requests in progress.
    var router: Router<APIContext> {
        Self.router(
            platform,
            listen: settings.listen,
            hasAuthentication: settings.hasAuthentication,
            network: settings.network,
            monitoring: monitoring,
            logger: logger
        )
    }

    private var server: HTTPServerBuilder {
        HTTPServerBuilder { [metrics = monitoring.http, limits, certificate] responder in
            HTTPConnection(
                http1: HTTP1Channel(
                    responder: responder,
                    configuration: .init(
                        additionalChannelHandlers: metrics.map { [TrafficHandler($0)] } ?? [],
                        idleTimeout: HTTPConnection.timeout
                    )
                ),
                metrics: metrics,
                limits: limits,
                certificate: certificate
            )
        }
    }

    static func router(
        _ platform: Platform,
        listen: ListenAddress,
        hasAuthentication: Bool,
        network: NetworkSettings = NetworkSettings(),
        monitoring: Monitoring,
        logger: Logger
    ) -> Router<APIContext> {
        let mode: Access.Mode = hasAuthentication && !listen.isUnixSocket ? .tokens : .open
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: RequestLogging(
                monitoring: monitoring,
                security: SecurityHeaders(hasTLS: network.tls != nil),
                logger: logger
            )
        )
        let routes = routes(platform, opensMetrics: network.opensMetrics, monitoring: monitoring)
        router.add(middleware: Auditing(platform.audit, routes))
        router.add(middleware: HostCheck(listen, network))
        router.add(
            routes,
            access: Access(
                mode: mode,
                tokens: platform.tokens,
                sessions: platform.execs.sessions,
                limits: mode == .open ? nil : network.rateLimit.map(RateLimits.init),
                withoutToken: network.opensMetrics ? [Endpoint.metrics.facts.id] : []
            ),
            idempotency: Idempotency(store: platform.store, logger: logger)
        )
        return router
    }

    static func routes(_ platform: Platform, opensMetrics: Bool = false, monitoring: Monitoring) -> [Route] {
        let hosts = platform.hosts
        let lists = RunLists(platform.runs)
        let routes =
            ShortFormRoutes(apps: platform.apps, runner: platform.runner, lists: lists).routes
            + AppRoutes(apps: platform.apps, hosts: hosts).routes
            + ReleaseRoutes(apps: platform.apps).routes
            + RunRoutes(runner: platform.runner, runs: platform.runs, hosts: hosts, lists: lists).routes
            + LogRoutes(logs: platform.logs).routes
            + ExecRoutes(execs: platform.execs).routes
            + UsageRoutes(usage: platform.runUsage).routes
            + ImageRoutes(images: platform.images, hosts: hosts).routes
            + EventRoutes(
                feed: platform.feed,
                runs: platform.runs,
                apps: platform.apps,
                hosts: hosts,
                metrics: monitoring.http
            ).routes
            + HostRoutes(hosts: hosts).routes
            + SecretRoutes(secrets: platform.secrets).routes
            + RegistryRoutes(registries: platform.registries).routes
            + TokenRoutes(tokens: platform.tokens).routes
            + SessionRoutes(tokens: platform.tokens).routes
            + PolicyRoutes(policies: platform.policies).routes
            + AuditRoutes(log: platform.audit).routes
            + SystemRoutes(platform: platform, registry: monitoring.registry, opensMetrics: opensMetrics).routes
        return routes + DocumentRoutes(describing: routes).routes
    }
}

func makeDirectory(_ path: String) throws(SettingsError) {
    if let reason = reasonAgainstDirectory(path) {
        throw SettingsError("--state-dir: \(path) cannot be created: \(reason)")
    }
    guard chmod(path, 0o700) == 0 else { throw SettingsError("--state-dir: \(path) belongs to another user") }
}

/// Creates a directory and its missing parents; returns the reason if that fails.
private func reasonAgainstDirectory(_ path: String) -> String? {
    if mkdir(path, 0o777) == 0 { return nil }
    let error = errno
    if access(path + "/.", F_OK) == 0 { return nil }
    if access(path, F_OK) == 0 { return "it exists and is not a directory" }
    let parent = FilePath(path).removingLastComponent()
    guard error == ENOENT, parent.string != path, !parent.isEmpty else { return String(cString: strerror(error)) }
    return reasonAgainstDirectory(parent.string) ?? (mkdir(path, 0o777) == 0 ? nil : String(cString: strerror(errno)))
}

import DockerEngine
import Logging
import Synchronization

/// One host: the connection to its engine, which is kept open and retried indefinitely, and the host's status.
package final class HostConnection: Sendable {
    package let name: HostName
    let pulls = ImagePulls()
    let reconcileQueue = ReconcileQueue()
    let networks = HostNetworks()

    private let ssh: SSHSettings
    private let lists: AsyncSemaphore
    private let registries: Registries
    private let runs: RunCache
    private let store: Store
    private let metrics: HostMetrics
    private let logger: Logger
    private let state: Mutex<State>
    private let retry = Wakeup()
    /// Sent when the endpoint was changed, or the host was removed.
    private let changed = Wakeup()

    private struct State {
        var definition: Host
        var isRemoved = false
        var status = HostStatus(state: .connecting)
        var transport: EngineTransport?
        var engine: Engine?
        var nextAttempt = ContinuousClock.now
        /// The number of connections so far.
        var connections = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    init(
        _ host: Host,
        ssh: SSHSettings,
        lists: AsyncSemaphore,
        registries: Registries,
        runs: RunCache,
        store: Store,
        instruments: Instruments,
        logger: Logger
    ) {
        name = host.name
        state = Mutex(State(definition: host))
        self.ssh = ssh
        self.lists = lists
        self.registries = registries
        self.runs = runs
        self.store = store
        metrics = HostMetrics(of: host.name, instruments)
        var logger = logger
        logger[metadataKey: "berth.host"] = "\(host.name)"
        self.logger = logger
    }

    package var status: HostStatus { state.withLock { $0.status } }

    package var definition: Host { state.withLock { $0.definition } }

    /// Whether it gets no new runs.
    var isDrained: Bool { definition.isDrained }

    /// Whether it was removed, so that its connection ends.
    var isRemoved: Bool { state.withLock { $0.isRemoved } }

    /// The number of engine connections in use; over SSH each is a channel of the tunnel.
    package var connectionsInUse: (calls: Int, streams: Int) {
        state.withLock { $0.transport }?.connectionsInUse ?? (0, 0)
    }

    /// The number of runs that are queued for reconciliation.
    package var reconcileQueueLength: Int { reconcileQueue.count }

    /// The time by the engine's clock; nil until the engine has been queried.
    var engineTime: Timestamp? {
        status.facts.map { facts in
            let skew = facts.clockSkew ?? .zero
            return Timestamp(milliseconds: Timestamp.now().milliseconds + Int64(skew / .milliseconds(1)))
        }
    }

    /// Keeps the connection until the task is cancelled or the host is removed.
    func run() async {
        while !Task.isCancelled, !isRemoved {
            let address = definition.address
            // Ends also when the endpoint is changed.
            try? await firstOf {
                await self.keepConnected(to: address)
            } _: {
                await self.changed.wait()
            }
            if !Task.isCancelled { disconnected { $0 = HostStatus(state: .connecting, mirror: $0.mirror) } }
        }
        disconnected { status in
            status.state = .unreachable(.engineDown)
            status.error = "The server is stopping."
        }
        if isRemoved { metrics.destroy() }
    }

    private func keepConnected(to address: EngineAddress) async {
        var backoff = Backoff(longest: .seconds(60))
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let connections = state.withLock { $0.connections }
            do {
                try await address.withTransport(ssh: ssh, logger: logger, observer: metrics.observer) { transport in
                    self.state.withLock { $0.transport = transport }
                    defer { self.state.withLock { $0.transport = nil } }
                    try await self.follow(over: transport, to: address)
                }
            } catch  where Task.isCancelled {
                break
            } catch {
                await record(error, of: address)
            }
            if state.withLock({ $0.connections }) != connections { backoff.reset() }
            let leastPause = HostFault.leastPause(after: status.state)
            await pause(backoff.next(atLeast: leastPause, using: &generator))
        }
    }

    /// Follows the engine over an established transport, through any number of failures of the engine itself.
    ///
    /// - Throws: only when the transport must be given up, or `CancellationError`.
    private func follow(over transport: EngineTransport, to address: EngineAddress) async throws {
        var backoff = Backoff(longest: .seconds(4))
        var generator = SystemRandomNumberGenerator()
        while true {
            let connections = state.withLock { $0.connections }
            do {
                try await followEngine(over: transport, to: address)
            } catch {
                // If the transport failed, its own error explains more than the engine's silence: let that error arrive
                // first.
                try await Task.sleep(for: .milliseconds(200))
                await record(error, of: address)
            }
            if state.withLock({ $0.connections }) != connections { backoff.reset() }
            await pause(backoff.next(using: &generator))
            try Task.checkCancellation()
        }
    }

    private func followEngine(over transport: EngineTransport, to address: EngineAddress) async throws {
        let engine = try await Engine.negotiated(over: transport)
        let mirror = HostMirror(
            host: name,
            engine: engine,
            store: store,
            runs: runs,
            reconcileQueue: reconcileQueue,
            networks: networks,
            logger: logger,
            lists: lists,
            report: { self.record($0, of: engine, at: address) }
        )
        try await firstOf {
            await self.pulls.serve { image, report in
                try await engine.pull(image, with: self.registries.credentials(for: image), report: report)
            }
            try Task.checkCancellation()
        } _: {
            try await mirror.follow()
        }
    }
}

// Use by other components.
extension HostConnection {
    /// The connected engine; waits for the first attempt to connect.
    ///
    /// - Throws: `BerthError` `hostNotConnected`, with the reason and the time of the next attempt.
    func connectedEngine() async throws(BerthError) -> Engine {
        await firstAttempt()
        let (engine, status, nextAttempt) = state.withLock { ($0.engine, $0.status, $0.nextAttempt) }
        if let engine { return engine }
        let pause = ContinuousClock.now.duration(to: nextAttempt).components.seconds + 1
        throw .hostNotConnected(
            name,
            reason: status.error,
            awaitsApproval: status.presentedKey != nil,
            secondsToNextAttempt: Int(max(1, pause))
        )
    }

    /// The engine's log driver; nil if it is unknown.
    func logDriver(of engine: Engine) async -> String? {
        // Directly after the connection, the engine has not been queried yet.
        if let facts = status.facts { facts.logDriver } else { try? await engine.info().logDriver }
    }

    /// Approves the key that the host's SSH server presented, if its fingerprint matches, and connects.
    ///
    /// - Throws: `BerthError` `hostPresentsNoKey` or `hostPresentsOtherKey`.
    package func trust(fingerprint: String) throws {
        guard let key = status.presentedKey else {
            throw BerthError.hostPresentsNoKey(name)
        }
        guard key.fingerprint == fingerprint else {
            throw BerthError.hostPresentsOtherKey(name, fingerprint: key.fingerprint)
        }
        try key.approve(in: ssh)
        logger.notice("A host key was approved.", metadata: ["berth.fingerprint": "\(fingerprint)"])
        change { $0.status = HostStatus(state: .connecting, lastSeenAt: $0.status.lastSeenAt) }
        retry.send()
    }

    /// Connects to another endpoint; the present connection ends.
    func move(to address: EngineAddress) {
        change { state in
            state.definition.address = address
            state.engine = nil
            state.status = HostStatus(state: .connecting, mirror: state.status.mirror)
        }
        runs.feed.publish(.host(name))
        changed.send()
    }

    func setDrained(_ isDrained: Bool) {
        state.withLock { $0.definition.isDrained = isDrained }
        runs.feed.publish(.host(name))
    }

    /// Ends the connection for good.
    func remove() {
        change { state in
            state.engine = nil
            state.status = HostStatus(state: .unreachable(.engineDown), error: "The host was removed.")
            state.isRemoved = true
        }
        changed.send()
    }

    private func firstAttempt() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.status.state == .connecting else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

// Updates of the host's status.
extension HostConnection {
    private func record(_ news: MirrorNews, of engine: Engine, at address: EngineAddress) {
        switch news {
        case .isTrue: connected(engine, at: address)
        case .ping(let latency):
            state.withLock { state in
                state.status.latency = latency
                state.status.lastSeenAt = .now()
            }
        case .answered: state.withLock { $0.status.lastSeenAt = .now() }
        case .event(let time):
            let skew = state.withLock { state in
                state.status.mirror.events += 1
                state.status.mirror.lastEventAt = time
                return state.status.facts?.clockSkew
            }
            metrics.eventArrived(of: time, skew: skew)
        case .corrected(let count):
            state.withLock { state in
                state.status.mirror.lists += 1
                state.status.mirror.corrections += count
            }
            guard count > 0 else { return }
            logger.notice(
                "The full list of containers differs from the events.",
                metadata: ["berth.count": .stringConvertible(count)]
            )
        case .facts(let facts): state.withLock { $0.status.facts = facts }
        }
    }

    private func connected(_ engine: Engine, at address: EngineAddress) {
        runs.setConnected(name, true)
        change(ifAt: address) { state in
            state.engine = engine
            state.connections += 1
            state.status.state = .connected
            state.status.error = nil
            state.status.presentedKey = nil
            state.status.engineVersion = engine.version
            state.status.apiVersion = engine.apiVersion
            state.status.lastSeenAt = .now()
            state.status.connectedAt = .now()
            state.status.connectionWarning = state.transport?.warning
        }
        metrics.connected()
        logger.info("Connected.", metadata: ["berth.engine.version": "\(engine.version)"])
    }

    private func record(_ error: any Error, of address: EngineAddress) async {
        let fault = HostFault(error, address: address)
        var key: SSHHostKey?
        if fault.wantsHostKey, case .ssh(let destination) = address {
            key = try? await SSHHostKey.presented(by: destination, settings: ssh)
        }
        metrics.failed(fault.state)
        let isNew = status.error != fault.message(presentedKey: key)
        runs.setConnected(name, false)
        change(ifAt: address) { state in
            state.engine = nil
            state.status = HostStatus(
                state: fault.state,
                error: fault.message(presentedKey: key),
                presentedKey: key,
                lastSeenAt: state.status.lastSeenAt,
                facts: state.status.facts,
                mirror: state.status.mirror
            )
        }
        guard isNew else { return }
        logger.warning("Not connected.", metadata: ["error.message": "\(fault.message(presentedKey: key))"])
    }

    private func disconnected(_ change: (inout HostStatus) -> Void) {
        runs.setConnected(name, false)
        self.change { state in
            state.engine = nil
            change(&state.status)
        }
    }

    private func pause(_ pause: Duration) async {
        state.withLock { $0.nextAttempt = .now + pause }
        await retry.wait(atMost: pause)
    }

    /// Does nothing once the host is removed, or if its endpoint is no longer `address`.
    private func change(ifAt address: EngineAddress? = nil, _ change: (inout State) -> Void) {
        let (waiters, isNews) = state.withLock { state in
            guard !state.isRemoved, address == nil || address == state.definition.address else {
                return ([CheckedContinuation<Void, Never>](), false)
            }
            let earlier = state.status
            change(&state)
            let isNews = state.status.isNews(after: earlier)
            guard state.status.state != .connecting else { return ([], isNews) }
            defer { state.waiters = [] }
            return (state.waiters, isNews)
        }
        for waiter in waiters { waiter.resume() }
        if isNews { runs.feed.publish(.host(name)) }
    }
}

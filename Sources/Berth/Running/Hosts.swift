package import DockerEngine
import Logging
import ServiceLifecycle
import Synchronization

/// The hosts of this server, each with its connection: those from flags, and those that the API adds and removes.
package final class Hosts: Service {
    struct State {
        /// Those from flags in their order, of which the first is the default; then those from the API by name.
        var all: [HostConnection]
        var byName: [HostName: HostConnection]
        /// The names of hosts that a request is adding, changing or removing.
        var changing: Set<HostName> = []
        /// The number of hosts that requests are adding.
        var adding = 0
        /// The names of hosts whose connection is kept, or has not ended yet.
        var running: Set<HostName> = []
    }

    let state: Mutex<State>
    let store: Store
    let runs: RunCache
    /// Sent when a host was added or removed.
    let changed = Wakeup()
    private let ssh: SSHSettings
    private let certificates: String?
    private let registries: Registries
    private let instruments: Instruments
    private let logger: Logger
    private let lists = AsyncSemaphore(permits: 8)

    /// The maximum number of hosts, including those from flags.
    package static let maximum = 2000

    /// - Parameters:
    ///   - hosts: at least one from a flag, each name once.
    ///   - certificates: the directory in which hosts from the API may have their TLS certificates; nil for none.
    init(
        _ hosts: [Host],
        ssh: SSHSettings,
        certificates: String?,
        registries: Registries,
        runs: RunCache,
        store: Store,
        instruments: Instruments,
        logger: Logger
    ) {
        self.ssh = ssh
        self.certificates = certificates
        self.registries = registries
        self.runs = runs
        self.store = store
        self.instruments = instruments
        self.logger = logger
        state = Mutex(State(all: [], byName: [:]))
        for host in hosts { insert(connection(to: host)) }
    }

    func connection(to host: Host) -> HostConnection {
        HostConnection(
            host,
            ssh: ssh,
            lists: lists,
            registries: registries,
            runs: runs,
            store: store,
            instruments: instruments,
            logger: logger
        )
    }

    func insert(_ host: HostConnection) {
        state.withLock { state in
            let isAdded = host.definition.source == .api
            let next = isAdded ? state.all.firstIndex { $0.definition.source == .api && $0.name > host.name } : nil
            state.all.insert(host, at: next ?? state.all.endIndex)
            state.byName[host.name] = host
        }
    }

    /// Why a host from the API cannot have this endpoint, as a sentence for the client; nil if it can.
    ///
    /// A flag is written by the administrator of this machine. A client of the API may not be: it must not choose which
    /// files the server reads, nor reach services of this machine that trust every local user.
    package func objection(to address: EngineAddress) -> String? {
        switch address {
        case .ssh, .unixSocket: return nil
        case .tcp(_, _, .plaintextOnLoopback): return "can have tls=off only in the server's flag --host"
        case .tcp(_, _, .tls(let directory)):
            let parts = directory.split(separator: "/")
            let allowed = certificates.map { $0.split(separator: "/") }
            if let allowed, parts.starts(with: allowed), !parts.contains("..") { return nil }
            return "must have its certificates in the server's state directory, in certs: ?certs=STATE_DIR/certs/NAME"
        }
    }
}

// Reads.
extension Hosts {
    package var all: [HostConnection] { state.withLock { $0.all } }

    /// The hosts after the one of this name, which may have been removed meanwhile.
    package func all(after name: HostName?) -> ArraySlice<HostConnection> {
        let all = all
        guard let name else { return all[...] }
        if let index = all.firstIndex(where: { $0.name == name }) { return all[(index + 1)...] }
        return all.drop { $0.definition.source == .flag || $0.name < name }
    }

    /// The host of apps that name none: the default; if that is drained, the first that is not.
    var usualHost: HostConnection {
        let all = all
        return all.first { !$0.isDrained } ?? all[0]
    }

    /// The hosts whose engines are connected.
    var connected: Set<HostName> { Set(all.filter { $0.status.state == .connected }.map(\.name)) }

    package func isDefault(_ host: HostConnection) -> Bool { state.withLock { $0.all.first } === host }

    /// - Throws: `BerthError` `hostNotFound`.
    package func host(_ name: HostName) throws(BerthError) -> HostConnection {
        guard let host = state.withLock({ $0.byName[name] }) else {
            throw .hostNotFound(name)
        }
        return host
    }

    /// The number of the host's runs, by status.
    package func counts(on host: HostConnection) -> (running: Int, finished: Int) { runs.counts(on: host.name) }
}

// The connections.
extension Hosts {
    /// Keeps the connections of all hosts, also of those that are added, until the server stops.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for host in self.takeUnconnected() {
                        group.addTask {
                            await host.run()
                            self.ended(host)
                        }
                    }
                    await self.changed.wait()
                }
                group.cancelAll()
            }
            // Ends the waits for hosts whose connection had not begun.
            for host in self.all { await host.run() }
        }
    }

    /// A host waits until the connection of an earlier one of its name has ended.
    private func takeUnconnected() -> [HostConnection] {
        state.withLock { state in state.all.filter { state.running.insert($0.name).inserted } }
    }

    private func ended(_ host: HostConnection) {
        // Again: the engine may have reported them as running until now.
        if host.isRemoved { runs.abandon(runs.live(on: host.name)) }
        state.withLock { _ = $0.running.remove(host.name) }
        changed.send()
    }
}

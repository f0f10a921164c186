import DockerEngine
import Logging

/// The hosts of this server, each with its connection.
package struct Hosts: Sendable {
    /// In the given order; the first is the default.
    package let all: [HostConnection]
    private let byName: [HostName: HostConnection]
    private let runs: RunCache

    /// - Parameter addresses: at least one, each name once.
    init(
        _ addresses: [(name: HostName, address: EngineAddress)],
        ssh: SSHSettings,
        runs: RunCache,
        store: Store,
        instruments: Instruments,
        logger: Logger
    ) {
        let lists = AsyncSemaphore(permits: 8)
        all = addresses.map { name, address in
            HostConnection(
                name: name,
                address: address,
                ssh: ssh,
                lists: lists,
                runs: runs,
                store: store,
                instruments: instruments,
                logger: logger
            )
        }
        byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        self.runs = runs
    }

    /// The host of apps that name none.
    var defaultHost: HostConnection { all[0] }

    /// The hosts whose engines are connected.
    var connected: Set<HostName> { Set(all.filter { $0.status.state == .connected }.map(\.name)) }

    package func isDefault(_ host: HostConnection) -> Bool { host === all[0] }

    /// - Throws: `BerthError` `hostNotFound`.
    package func host(_ name: HostName) throws(BerthError) -> HostConnection {
        guard let host = byName[name] else {
            throw .hostNotFound(name)
        }
        return host
    }

    /// The number of the host's runs, by status.
    package func counts(on host: HostConnection) -> (running: Int, finished: Int) { runs.counts(on: host.name) }
}

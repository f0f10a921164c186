package import DockerEngine
import Synchronization

// Changes by the API; each is recorded before it takes effect.
extension Hosts {
    /// Adds a host, and begins to connect to it.
    ///
    /// - Parameter address: without an ``objection(to:)``.
    /// - Throws: `BerthError` `hostExists`, `tooManyHosts`, `hostIsBusy`.
    package func add(
        _ name: HostName,
        at address: EngineAddress,
        by caller: Caller
    ) async throws -> HostConnection {
        try await whileChanging(name) {
            if let present = try? host(name) {
                guard try await store.hasAdded(name, by: caller) else { throw BerthError.hostExists(name) }
                return present
            }
            try takePlace()
            defer { state.withLock { $0.adding -= 1 } }
            let host = Host(name: name, address: address, source: .api)
            try await store.addHost(host, by: caller, at: .now())
            let connection = connection(to: host)
            insert(connection)
            changed.send()
            runs.feed.publish(.host(name))
            return connection
        }
    }

    /// Gives a host another endpoint, and connects to that; its runs are reconciled with what the engine there reports.
    ///
    /// - Parameter change: of the endpoint, to one without an ``objection(to:)``; what it throws is thrown.
    /// - Throws: `BerthError` `hostNotFound`, `hostIsFromFlag`, `hostIsBusy`.
    package func move(
        _ name: HostName,
        _ change: (EngineAddress) throws -> EngineAddress
    ) async throws -> HostConnection {
        try await whileChanging(name) {
            let host = try addedHost(name)
            var definition = host.definition
            definition.address = try change(definition.address)
            guard definition != host.definition else { return host }
            try await store.update(definition, at: .now())
            host.move(to: definition.address)
            return host
        }
    }

    /// Removes a host, and ends its connection.
    ///
    /// - Parameter force: also if it has live runs; they end as records, and their containers stay as they are.
    /// - Throws: `BerthError` `hostNotFound`, `hostIsFromFlag`, `hostIsBusy`; `hostHasLiveRuns` without `force`.
    package func remove(_ name: HostName, force: Bool) async throws {
        try await whileChanging(name) {
            let host = try addedHost(name)
            let live = runs.live(on: name)
            guard force || live.isEmpty else { throw BerthError.hostHasLiveRuns(name, count: live.count) }
            try await store.deleteHost(name)
            // First: an event about it must not be sent any more.
            state.withLock { state in
                state.byName[name] = nil
                state.all.removeAll { $0 === host }
            }
            host.remove()
            runs.abandon(runs.live(on: name))
            runs.feed.publish(.hostDeleted(name))
            changed.send()
        }
    }

    /// Changes whether a host gets no new runs; does nothing if it is in that state already.
    ///
    /// - Throws: `BerthError` `hostNotFound`, `hostIsBusy`.
    package func setDrained(_ name: HostName, _ isDrained: Bool) async throws -> HostConnection {
        try await whileChanging(name) {
            let host = try host(name)
            var definition = host.definition
            definition.isDrained = isDrained
            guard definition != host.definition else { return host }
            try await store.update(definition, at: .now())
            host.setDrained(isDrained)
            return host
        }
    }

    private func takePlace() throws(BerthError) {
        let hasPlace = state.withLock { state in
            guard state.all.count + state.adding < Self.maximum else { return false }
            state.adding += 1
            return true
        }
        guard hasPlace else { throw .tooManyHosts(limit: Self.maximum) }
    }

    private func addedHost(_ name: HostName) throws(BerthError) -> HostConnection {
        let host = try host(name)
        guard host.definition.source == .api else { throw .hostIsFromFlag(name) }
        return host
    }

    /// Runs `body` while no other request changes the host.
    private func whileChanging<Result>(_ name: HostName, _ body: () async throws -> Result) async throws -> Result {
        guard state.withLock({ $0.changing.insert(name).inserted }) else { throw BerthError.hostIsBusy(name) }
        defer { state.withLock { _ = $0.changing.remove(name) } }
        return try await body()
    }
}

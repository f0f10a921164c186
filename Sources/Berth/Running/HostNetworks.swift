import DockerEngine
import Synchronization

/// The networks that Berth creates on one host for the runs of apps, and removes when no container uses them any more.
final class HostNetworks: Sendable {
    private enum Use {
        /// The number of containers that are being created in it.
        case starting(Int)
        /// Sent when it has ended, one for each task that waits for that.
        case removing([Wakeup])
    }

    private let uses = Mutex<[String: Use]>([:])
    /// Sent when a network may have lost its last container.
    let mayBeUnused = Wakeup()

    /// Runs `create`; the network exists and is not removed meanwhile.
    ///
    /// A network of this name that Berth has not created is rejected, so that no app reaches the containers in it.
    func with<Result>(
        _ network: String,
        on engine: Engine,
        instance: String,
        _ create: () async throws -> Result
    ) async throws -> Result {
        while let removal = begin(network) {
            await removal.wait()
            try Task.checkCancellation()
        }
        defer { end(network) }
        if try await !own(on: engine, instance: instance).contains(where: { $0.name == network }) {
            try await make(network, on: engine, instance: instance)
        }
        return try await create()
    }

    private func make(_ network: String, on engine: Engine, instance: String) async throws {
        do {
            try await engine.createNetwork(named: network, labels: [ContainerLabels.instanceLabel: instance])
        } catch let error as EngineError where error.isConflict {
            // Another run may have created it first.
            let isOwn = try await own(on: engine, instance: instance).contains { $0.name == network }
            guard !isOwn else { return }
            throw EngineError.status(
                403,
                message: "the host already has a network \(network) that Berth did not create; choose another name"
            )
        }
    }

    private func own(on engine: Engine, instance: String) async throws -> [Network] {
        try await engine.networks(labels: ["\(ContainerLabels.instanceLabel)=\(instance)"])
    }

    /// Removes this server's networks that no container, running or not, belongs to.
    func removeUnused(on engine: Engine, instance: String) async throws {
        for network in try await own(on: engine, instance: instance) {
            guard beginRemoval(of: network.name) else { continue }
            defer { endRemoval(of: network.name) }
            let label = "\(ContainerLabels.networkLabel)=\(network.name)"
            guard try await engine.containers(labels: [label]).isEmpty else { continue }
            do {
                try await engine.removeNetwork(network.id)
            } catch EngineError.status(400..<500, _) {
                // Another program's container is in it.
            }
        }
    }

    /// - Returns: nil if it has begun; while the network is being removed, what is sent afterwards.
    private func begin(_ network: String) -> Wakeup? {
        uses.withLock { uses in
            switch uses[network] {
            case .removing(let waiting):
                let wakeup = Wakeup()
                uses[network] = .removing(waiting + [wakeup])
                return wakeup
            case .starting(let count): uses[network] = .starting(count + 1)
            case nil: uses[network] = .starting(1)
            }
            return nil
        }
    }

    /// False while a container is being created in it.
    private func beginRemoval(of network: String) -> Bool {
        uses.withLock { uses in
            guard uses[network] == nil else { return false }
            uses[network] = .removing([])
            return true
        }
    }

    private func endRemoval(of network: String) {
        let waiting = uses.withLock { uses -> [Wakeup] in
            defer { uses[network] = nil }
            guard case .removing(let waiting) = uses[network] else { return [] }
            return waiting
        }
        for wakeup in waiting { wakeup.send() }
    }

    private func end(_ network: String) {
        uses.withLock { uses in
            guard case .starting(let count) = uses[network] else { return }
            uses[network] = count > 1 ? .starting(count - 1) : nil
        }
    }
}

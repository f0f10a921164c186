import Berth
import DockerEngine
import Logging
import Synchronization

/// The number of connections of clients that may be open at once, so that descriptors are left for everything else.
final class ConnectionLimits: Sendable {
    fileprivate struct State {
        var total = 0
        var ofAddress: [IPAddress: Int] = [:]
        var lastWarning: ContinuousClock.Instant?
    }

    let maximum: Int
    /// Loopback and trusted proxies, which stand for many clients, have no limit of their own.
    let maximumOfAddress: Int
    private let proxies: TrustedProxies
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter descriptorLimit: how many file descriptors this process may open.
    init(descriptorLimit: Int = ResourceLimits.openFiles(), proxies: TrustedProxies, logger: Logger) {
        maximum = max((descriptorLimit - 64) / 2, 8)
        maximumOfAddress = max(maximum / 4, 8)
        (self.proxies, self.logger) = (proxies, logger)
    }

    /// Counts a connection until ``close(_:)``; false if it is one too many.
    func open(_ address: IPAddress?) -> Bool {
        let client = limited(address)
        let (isOpen, warns) = state.withLock { state -> (Bool, Bool) in
            let own = client.map { state.ofAddress[$0, default: 0] } ?? 0
            guard state.total < maximum, own < maximumOfAddress else { return (false, state.takeWarning()) }
            state.total += 1
            if let client { state.ofAddress[client] = own + 1 }
            return (true, false)
        }
        if warns {
            logger.warning(
                """
                Connections are refused: \(maximum) are open, or \(maximumOfAddress) from one address. These limits \
                follow from the limit of open files (ulimit -n).
                """
            )
        }
        return isOpen
    }

    func close(_ address: IPAddress?) {
        let client = limited(address)
        state.withLock { state in
            state.total -= 1
            guard let client, let own = state.ofAddress[client] else { return }
            state.ofAddress[client] = own > 1 ? own - 1 : nil
        }
    }

    private func limited(_ address: IPAddress?) -> IPAddress? {
        guard let address, !address.isLoopback, !proxies.contains(address) else { return nil }
        return address.site
    }
}

extension ConnectionLimits.State {
    /// Whether to warn: once a minute.
    fileprivate mutating func takeWarning() -> Bool {
        let now = ContinuousClock.now
        if let lastWarning, now - lastWarning < .seconds(60) { return false }
        lastWarning = now
        return true
    }
}

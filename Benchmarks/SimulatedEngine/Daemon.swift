import NIOCore
import NIOHTTP1

/// One simulated engine: its containers, and who listens to its events; of use on its event loop alone.
final class Daemon {
    let number: Int
    /// Those that were there from the start, as far as they have not been removed.
    private(set) var seeded: [Container]
    private(set) var containers: [String: Container]
    private let ledger: Ledger
    private var subscribers: [ObjectIdentifier: Subscriber] = [:]
    private var latestEvent: Int64 = 0

    private struct Subscriber {
        let channel: any Channel
        let filter: EventFilter
    }

    init(number: Int, containers: [Container], ledger: Ledger) {
        self.number = number
        seeded = containers
        self.containers = Dictionary(uniqueKeysWithValues: containers.map { ($0.id, $0) })
        self.ledger = ledger
    }

    func subscribe(_ channel: any Channel, _ filter: EventFilter) {
        subscribers[ObjectIdentifier(channel)] = Subscriber(channel: channel, filter: filter)
    }

    func unsubscribe(_ channel: any Channel) { subscribers[ObjectIdentifier(channel)] = nil }

    func add(_ container: Container) {
        containers[container.id] = container
        tell(container, "create", at: nextEventTime())
    }

    func start(_ container: Container) {
        let time = nextEventTime()
        container.start(at: time)
        ledger.note(container, at: time)
        tell(container, "start", at: time)
    }

    func end(_ container: Container, exitCode: Int) {
        let time = nextEventTime()
        container.end(at: time, exitCode: exitCode)
        ledger.note(container, at: time)
        tell(container, "die", at: time, attributes: ["exitCode": "\(exitCode)"])
    }

    func remove(_ container: Container) {
        containers[container.id] = nil
        seeded.removeAll { $0 === container }
        tell(container, "destroy", at: nextEventTime())
    }

    /// Has it told about `container`, which has changed already or does not.
    func tell(_ container: Container, _ action: String, attributes: [String: String] = [:]) {
        tell(container, action, at: nextEventTime(), attributes: attributes)
    }

    private func tell(_ container: Container, _ action: String, at time: Int64, attributes: [String: String] = [:]) {
        // Like an engine: who is too slow misses it, without a word.
        let listeners = subscribers.values.filter { $0.channel.isWritable && $0.filter.passes(container) }
        guard !listeners.isEmpty else { return }
        let line = ByteBuffer(string: container.event(action, at: time, attributes: attributes))
        for listener in listeners {
            listener.channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(line)), promise: nil)
        }
    }

    /// Now, but later than any event before it.
    private func nextEventTime() -> Int64 {
        latestEvent = max(currentTime(), latestEvent + 1)
        return latestEvent
    }
}

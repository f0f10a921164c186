package import NIOCore
import NIOHTTP1
import NIOPosix

/// One simulated engine: its containers, and the readers of its events; only for use on its event loop.
package final class Daemon {
    package let number: Int
    package var behavior: FakeEngineBehavior
    /// The initial containers that have not been removed.
    package private(set) var seeded: [Container]
    private(set) var containers: [String: Container]
    /// Called with each container that has started or ended, and the time.
    private let onChange: (Container, Int64) -> Void
    private var connections: [ObjectIdentifier: any Channel] = [:]
    /// The number of requested containers, including the refused ones.
    private(set) var creations = 0
    var pulls = 0
    /// The logins of the pulls, decoded; empty for a pull without one.
    var logins: [String] = []
    var images: [Image] = []
    /// The readers of the usage of containers.
    private var usageReaders: [ObjectIdentifier: (channel: any Channel, container: String)] = [:]
    /// The labels of the networks by name, which is their id as well.
    var networks: [String: [String: String]] = [:]
    /// The commands in containers, by id.
    var execs: [String: Exec] = [:]
    private var subscribers: [ObjectIdentifier: Subscriber] = [:]
    private var logReaders: [ObjectIdentifier: LogReader] = [:]
    private var latestEvent: Int64 = 0

    private struct Subscriber {
        let channel: any Channel
        let filter: EventFilter
    }

    private struct LogReader {
        let channel: any Channel
        let container: String
        let selection: LogSelection
    }

    package init(
        number: Int,
        containers: [Container] = [],
        behavior: FakeEngineBehavior = FakeEngineBehavior(),
        onChange: @escaping (Container, Int64) -> Void = { _, _ in }
    ) {
        self.number = number
        self.behavior = behavior
        self.onChange = onChange
        seeded = containers
        self.containers = Dictionary(uniqueKeysWithValues: containers.map { ($0.id, $0) })
    }

    func subscribe(_ channel: any Channel, _ filter: EventFilter) {
        subscribers[ObjectIdentifier(channel)] = Subscriber(channel: channel, filter: filter)
    }

    func followUsage(of container: Container, _ channel: any Channel) {
        usageReaders[ObjectIdentifier(channel)] = (channel, container.id)
    }

    /// Sends an empty sample to the readers of the container's usage, and ends their streams if it was removed.
    private func endUsage(of container: Container, isRemoved: Bool = false) {
        for reader in usageReaders.values where reader.container == container.id {
            let line = ByteBuffer(string: container.noStats + "\n")
            reader.channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(line)), promise: nil)
            guard isRemoved else { continue }
            usageReaders[ObjectIdentifier(reader.channel)] = nil
            reader.channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }

    func follow(_ container: Container, _ selection: LogSelection, to channel: any Channel) {
        logReaders[ObjectIdentifier(channel)] = LogReader(
            channel: channel,
            container: container.id,
            selection: selection
        )
    }

    var followedLogs: Int { logReaders.count }

    /// Adds a line to what the container has written.
    func write(_ text: String, isError: Bool, at time: Int64?, of container: Container) {
        let line = ContainerLog.Line(time: time ?? now, isError: isError, text: text)
        container.log.append(line)
        for reader in logReaders.values where reader.container == container.id {
            let frame = reader.selection.frame(of: line)
            guard frame.readableBytes > 0 else { continue }
            reader.channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(frame)), promise: nil)
        }
    }

    private func finishLog(of container: Container) {
        for (id, reader) in logReaders where reader.container == container.id {
            logReaders[id] = nil
            reader.channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }

    func connected(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = channel }

    func disconnected(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = nil
        usageReaders[ObjectIdentifier(channel)] = nil
        logReaders[ObjectIdentifier(channel)] = nil
        connections[ObjectIdentifier(channel)] = nil
    }

    func disconnectAll() {
        for connection in connections.values { connection.close(promise: nil) }
    }

    /// Makes it listen on a socket.
    package func listen(at path: String, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let daemon = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(EngineHandler(daemon.value))
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true)
    }

    func container(named name: String) -> Container? { containers.values.first { $0.name == name } }

    /// Counts a request for a container; false if it is refused.
    func takesCreation() -> Bool {
        creations += 1
        return !behavior.refusesCreation(creations)
    }

    func add(_ container: Container) {
        containers[container.id] = container
        publish(container, "create", at: nextEventTime())
    }

    package func start(_ container: Container) {
        let time = nextEventTime()
        container.start(at: time)
        onChange(container, time)
        publish(container, "start", at: time)
    }

    package func end(_ container: Container, exitCode: Int) {
        let time = nextEventTime()
        container.end(at: time, exitCode: exitCode)
        finishLog(of: container)
        onChange(container, time)
        publish(container, "die", at: time, attributes: ["exitCode": "\(exitCode)"])
        endUsage(of: container)
    }

    func remove(_ container: Container) {
        containers[container.id] = nil
        finishLog(of: container)
        seeded.removeAll { $0 === container }
        publish(container, "destroy", at: nextEventTime())
        endUsage(of: container, isRemoved: true)
    }

    /// Sends an event of `container`, after its change if there is one.
    func publish(_ container: Container, _ action: String, attributes: [String: String] = [:]) {
        publish(container, action, at: nextEventTime(), attributes: attributes)
    }

    private func publish(_ container: Container, _ action: String, at time: Int64, attributes: [String: String] = [:]) {
        guard !behavior.losesEvents else { return }
        // As with a real engine, a slow reader misses the event without notice.
        let listeners = subscribers.values.filter { $0.channel.isWritable && $0.filter.passes(container) }
        guard !listeners.isEmpty else { return }
        let line = ByteBuffer(string: container.event(action, at: time, attributes: attributes))
        for listener in listeners {
            listener.channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(line)), promise: nil)
        }
    }

    /// The time by its own clock.
    var now: Int64 { currentTime() + Int64((behavior.clockOffset ?? .zero) / .nanoseconds(1)) }

    /// Now, but later than any event before it.
    private func nextEventTime() -> Int64 {
        latestEvent = max(now, latestEvent + 1)
        return latestEvent
    }
}

import FakeEngine
import NIOCore

/// All simulated engines, and the spontaneous changes of their containers; used on its event loop only.
final class Fleet {
    private let daemons: [Daemon]
    private let eventsPerSecond: Double
    private let loop: any EventLoop
    private var isGoing = false
    /// The number of pauses: an event that was scheduled before the latest pause is dropped.
    private var pauses = 0
    private var began = NIODeadline.now()
    private var countSinceBegin = 0.0

    init(engines: Int, seed: Seed, eventsPerSecond: Double, loop: any EventLoop) {
        let ledger = Ledger(loop: loop)
        let now = currentTime()
        daemons = (0..<engines).map { number in
            Daemon(number: number, containers: seed.containers(ofEngine: number, now: now), onChange: ledger.record)
        }
        self.eventsPerSecond = eventsPerSecond
        self.loop = loop
    }

    /// Makes each engine listen on its own socket: `0.sock` and so on.
    func listen(in directory: String) -> EventLoopFuture<Void> {
        let listeners = daemons.map { $0.listen(at: "\(directory)/\($0.number).sock", on: loop).map { _ in } }
        return EventLoopFuture.andAllSucceed(listeners, on: loop)
    }

    func goOn() {
        guard !isGoing, eventsPerSecond > 0 else { return }
        isGoing = true
        began = .now()
        countSinceBegin = 0
        scheduleNext()
    }

    func pause() {
        isGoing = false
        pauses += 1
    }

    /// Schedules events at equal intervals; a late event does not delay the following ones.
    private func scheduleNext() {
        countSinceBegin += 1
        let due = began + .nanoseconds(Int64(countSinceBegin / eventsPerSecond * 1e9))
        // Cancelling is not enough: a task that is due runs although it is cancelled before its turn.
        loop.assumeIsolated().scheduleTask(deadline: due) { [self, pauses] in
            guard pauses == self.pauses else { return }
            flipOne()
            scheduleNext()
        }
    }

    /// Ends a running container or starts an ended one, chosen among those that existed from the start.
    private func flipOne() {
        guard let daemon = daemons.randomElement(), let container = daemon.seeded.randomElement() else { return }
        switch container.state {
        case .running: daemon.end(container, exitCode: Int.random(in: 0...3))
        case .exited: daemon.start(container)
        case .created, .paused, .restarting: break
        }
    }
}

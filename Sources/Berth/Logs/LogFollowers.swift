import DockerEngine
import NIOCore
import Synchronization

/// Follows the output of running containers for all of its readers: one stream from the engine per container, however
/// many read it.
final class LogFollowers: Sendable {
    private struct Shared {
        let feed: LogFeed
        let task: Task<Void, Never>
        var readers: Int
    }

    private let runs: RunCache
    private let hosts: Hosts
    private let shared = Mutex<[RunID: Shared]>([:])

    /// How long the end of a container may come after the end of its output.
    private static let patience = Duration.seconds(2)

    init(runs: RunCache, hosts: Hosts) {
        self.runs = runs
        self.hosts = hosts
    }

    /// Passes `body` a reader of the run's output from now on.
    func withReader<Result>(
        of run: RunID,
        _ body: (inout LogReader) async throws -> Result
    ) async throws -> Result {
        let feed = join(run)
        defer { leave(run) }
        return try await feed.withReader(body)
    }

    private func join(_ run: RunID) -> LogFeed {
        shared.withLock { shared in
            if let present = shared[run] {
                shared[run]?.readers += 1
                return present.feed
            }
            let feed = LogFeed()
            // Detached, as it outlives the request of its first reader.
            let task = Task.detached { await self.follow(run, into: feed) }
            shared[run] = Shared(feed: feed, task: task, readers: 1)
            return feed
        }
    }

    private func leave(_ run: RunID) {
        shared.withLock { shared in
            shared[run]?.readers -= 1
            guard let present = shared[run], present.readers == 0 else { return }
            present.task.cancel()
            shared[run] = nil
        }
    }

    /// What the readers of a followed run can still read; nil if nobody follows it.
    func seen(of run: RunID) -> [LogItem]? { shared.withLock { $0[run]?.feed }?.items }

    /// How many containers are followed, and by how many readers.
    var count: (containers: Int, readers: Int) {
        shared.withLock { shared in (shared.count, shared.values.reduce(0) { $0 + $1.readers }) }
    }

    /// Adds the run's output to the feed until its container has ended, also over ends of the engine's stream.
    private func follow(_ id: RunID, into feed: LogFeed) async {
        var recent = RecentRecords()
        var backoff = Backoff(longest: .seconds(4))
        var generator = SystemRandomNumberGenerator()
        var startedAt = runs.entry(id)?.run.startedAt
        var isFirst = true
        while !Task.isCancelled, let run = runs.entry(id)?.run, run.state.status == .running {
            do {
                if run.startedAt != startedAt { feed.append([.restarted]) }
                startedAt = run.startedAt
                try await read(run, after: &recent, &isFirst, into: feed)
                backoff.reset()
                await waitForEnd(of: run)
            } catch let error as EngineError where error.isNotFound {
                break
            } catch {
                // The host is away, or its engine closed the stream: go on where it ended, once it is back.
                try? await Task.sleep(for: backoff.next(using: &generator))
            }
        }
        feed.finish()
    }

    /// Reads one stream of the engine to its end.
    ///
    /// The first one begins with the last message that is there, and so marks the place after which all is new. The
    /// readers recognize that message.
    private func read(
        _ run: Run,
        after recent: inout RecentRecords,
        _ isFirst: inout Bool,
        into feed: LogFeed
    ) async throws {
        guard let container = run.containerID else { return }
        let engine = try await hosts.host(run.host).connectedEngine()
        let hasTTY = try await engine.container(container).config.hasTTY ?? false
        let last = recent.last
        let stream = try await engine.logs(
            of: container,
            follow: true,
            tail: isFirst ? 1 : nil,
            since: last?.seconds,
            timestamps: true,
            hasTTY: hasTTY
        )
        isFirst = false
        feed.open()
        var lines = LogLines(isFramed: !hasTTY)
        // Until the first new record, the stream repeats what was read before.
        var isRepeating = last != nil
        var hasOverlap = false
        func add(_ records: [LogRecord]) {
            var new = records[...]
            if isRepeating {
                while let first = new.first, recent.contains(first) {
                    hasOverlap = true
                    new = new.dropFirst()
                }
                if !new.isEmpty {
                    isRepeating = false
                    if !hasOverlap { feed.append([.gap]) }
                }
            }
            recent.add(new)
            feed.append(new.map { .record($0) })
        }
        for try await chunk in stream { add(lines.append(chunk)) }
        add(lines.finish())
    }

    /// Returns when the state of the run has changed after the end of its output, or after a while if it has not: the
    /// engine also ends a stream for reasons of its own.
    private func waitForEnd(of run: Run) async {
        let end = ContinuousClock.now + Self.patience
        await runs.watching(run.id) { watcher in
            while let now = runs.entry(run.id)?.run, ContinuousClock.now < end || now.state == .restarting {
                let isSame = now.state.status == .running && now.startedAt == run.startedAt
                if !isSame || Task.isCancelled { return }
                await watcher.wait(atMost: max(.milliseconds(10), min(end - .now, .seconds(1))))
            }
        }
    }
}

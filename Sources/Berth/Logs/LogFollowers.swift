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

    /// How long the end of a container may come after the end of its output, and how long what was seen of it stays.
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
        defer { leave(run, feed) }
        return try await feed.withReader(body)
    }

    private func join(_ run: RunID) -> LogFeed {
        shared.withLock { shared in
            if let present = shared[run], !present.feed.isEnded {
                shared[run]?.readers += 1
                return present.feed
            }
            let feed = LogFeed()
            // Detached, as it outlives the request of its first reader.
            let task = Task.detached {
                do {
                    async let _: Void = feed.tick()
                    await self.follow(run, into: feed)
                }
                try? await Task.sleep(for: Self.patience)
                self.forget(run, feed)
            }
            shared[run] = Shared(feed: feed, task: task, readers: 1)
            return feed
        }
    }

    private func leave(_ run: RunID, _ feed: LogFeed) {
        shared.withLock { shared in
            guard let present = shared[run], present.feed === feed else { return }
            shared[run]?.readers -= 1
            guard present.readers == 1, !feed.isEnded else { return }
            present.task.cancel()
            shared[run] = nil
        }
    }

    /// Forgets a feed that has ended.
    private func forget(_ run: RunID, _ feed: LogFeed) {
        shared.withLock { if $0[run]?.feed === feed { $0[run] = nil } }
    }

    /// What the readers of a followed run can still read; nil if nobody follows it.
    func seen(of run: RunID) -> [LogItem]? { shared.withLock { $0[run]?.feed }?.items }

    /// How many containers are followed, and by how many readers.
    var count: (containers: Int, readers: Int) {
        shared.withLock { shared in
            let open = shared.values.filter { $0.readers > 0 }
            return (open.count, open.reduce(0) { $0 + $1.readers })
        }
    }

    /// Adds the run's output to the feed until its container has ended, also over ends of the engine's stream.
    private func follow(_ id: RunID, into feed: LogFeed) async {
        var log = ContinuedLog()
        var isFirst = true
        var backoff = Backoff(longest: .seconds(4))
        var generator = SystemRandomNumberGenerator()
        var startedAt = runs.entry(id)?.run.startedAt
        while !Task.isCancelled, let run = runs.entry(id)?.run, run.state.status == .running {
            do {
                if let startedAt, run.startedAt != startedAt { feed.append([.restarted]) }
                startedAt = run.startedAt
                try await read(run, &log, &isFirst, into: feed)
                backoff.reset()
                await waitForEnd(of: run)
            } catch let error as EngineError where error.isNotFound {
                break
            } catch EngineError.status(let status, let message) {
                // Such as a log driver that cannot be read.
                let error = EngineError.status(status, message: message)
                return feed.finish(throwing: BerthError.engine(error, of: run.host, .readLog(run.name)))
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
    /// readers recognize that message. A later one begins with what was read last.
    private func read(
        _ run: Run,
        _ log: inout ContinuedLog,
        _ isFirst: inout Bool,
        into feed: LogFeed
    ) async throws {
        guard let container = run.containerID else { return }
        let engine = try await hosts.host(run.host).connectedEngine()
        let stream = try await engine.logs(
            of: container,
            follow: true,
            tail: isFirst ? 1 : nil,
            since: log.restart?.seconds,
            timestamps: true,
            hasTTY: nil
        )
        isFirst = false
        feed.open()
        log.beginStream()
        var lines = LogLines()
        for try await chunk in stream { feed.append(lines.append(chunk).flatMap { log.add($0) }) }
        feed.append(lines.finish().flatMap { log.add($0) })
    }

    /// Returns when the state of the run has changed after the end of its output, or after a while if it has not: the
    /// engine also ends a stream for reasons of its own.
    private func waitForEnd(of run: Run) async {
        let end = ContinuousClock.now + Self.patience
        await runs.watching(run.id) { watcher in
            while let now = runs.entry(run.id)?.run, ContinuousClock.now < end || now.state == .restarting {
                let isSame = now.state.status == .running && now.startedAt == run.startedAt
                if !isSame || Task.isCancelled { return }
                await watcher.wait(atMost: ContinuousClock.now < end ? end - .now : .seconds(1))
            }
        }
    }
}

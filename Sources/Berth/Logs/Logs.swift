package import DockerEngine
package import NIOCore

/// What a reader wants of a log.
package struct LogQuery: Sendable {
    /// Whether to go on with new output until the container has ended.
    package var follow = false
    /// How many of the last lines to begin with; nil for all.
    package var tail: Int?
    package var since: LogTime?
    package var until: LogTime?
    package var streams: Set<LogChunk.Stream> = [.stdout, .stderr]

    package init() {}
}

/// The output of runs.
package struct Logs: Sendable {
    private let runs: RunCache
    private let hosts: Hosts
    private let store: Store
    let followers: LogFollowers

    init(runs: RunCache, hosts: Hosts, store: Store) {
        self.runs = runs
        self.hosts = hosts
        self.store = store
        followers = LogFollowers(runs: runs, hosts: hosts)
    }

    /// How many containers are followed, and by how many readers.
    package var followed: (containers: Int, readers: Int) { followers.count }

    /// Prepares to read a run's output.
    ///
    /// - Throws: `BerthError`, before anything is read: `runNotFound`, `hostNotConnected`, or the engine's error.
    package func open(_ name: RunName, _ query: LogQuery) async throws -> RunLog {
        let run = try await started(name, query)
        guard let container = try await container(of: run) else {
            return RunLog(run: run, query: query, source: .kept(try await store.log(of: run.id) ?? KeptLog()))
        }
        return RunLog(run: run, query: query, source: .container(container, followers))
    }

    /// Nil if there is none, and if its host is away and the run's output was kept.
    private func container(of run: Run) async throws -> LoggedContainer? {
        guard let id = run.containerID, run.state != .removed, run.state != .lost else { return nil }
        do {
            let engine = try await hosts.host(run.host).connectedEngine()
            let details = try await engine.container(id)
            return LoggedContainer(engine: engine, id: id, hasTTY: details.config.hasTTY ?? false)
        } catch let error as EngineError where error.isNotFound {
            return nil
        } catch let error as EngineError {
            throw BerthError.engine(error, of: run.host, .readLog(run.name))
        } catch let error as BerthError {
            guard run.state.status == .finished, try await store.log(of: run.id) != nil else { throw error }
            return nil
        }
    }

    /// The run, which has a container if it is followed: a reader may come before the start.
    private func started(_ name: RunName, _ query: LogQuery) async throws -> Run {
        let limit = Duration.seconds(24 * 3600)
        if query.follow { _ = try await runs.wait(for: name, until: .started, atMost: limit) }
        guard let run = runs.entry(named: name)?.run else { throw BerthError.runNotFound(name) }
        return run
    }
}

/// A container whose output is read.
struct LoggedContainer: Sendable {
    let engine: Engine
    let id: ContainerID
    let hasTTY: Bool
}

/// The output of one run, for one reader.
package struct RunLog: Sendable {
    fileprivate enum Source: Sendable {
        case container(LoggedContainer, LogFollowers)
        case kept(KeptLog)
    }

    fileprivate let run: Run
    fileprivate let query: LogQuery
    fileprivate let source: Source

    /// Passes the output to `send` as it was written, without times.
    ///
    /// Only for a log that is not followed.
    package func readBytes(_ send: (ByteBuffer) async throws -> Void) async throws {
        switch source {
        case .container(let container, _):
            for try await chunk in try await history(of: container, timestamps: false) { try await send(chunk.bytes) }
        case .kept(let log):
            for record in query.selection(of: log.records) {
                var bytes = record.message
                if !record.isPartial { bytes.writeInteger(UInt8(ascii: "\n")) }
                try await send(bytes)
            }
        }
    }

    /// Passes the output to `send`, in order.
    package func read(_ send: ([LogItem]) async throws -> Void) async throws {
        switch source {
        case .container(let container, let followers):
            guard query.follow, run.state.status == .running else {
                _ = try await readHistory(of: container, send)
                return
            }
            try await follow(container, followers, send)
        case .kept(let log):
            let records = query.selection(of: log.records)
            // All that is asked for may be there, even if the beginning is not.
            let isCut = !log.isComplete && records.count == log.records.count
            try await send((isCut ? [.gap] : []) + records.map { .record($0) })
        }
    }

    private func follow(
        _ container: LoggedContainer,
        _ followers: LogFollowers,
        _ send: ([LogItem]) async throws -> Void
    ) async throws {
        try await followers.withReader(of: run.id) { reader in
            // What was written before now; the reader has all that was written since.
            let seen = try await readHistory(of: container, send)
            var isRepeating = true
            while let items = try await reader.next() {
                var wanted: [LogItem] = []
                for item in items {
                    guard case .record(let record) = item else {
                        wanted.append(item)
                        continue
                    }
                    if let until = query.until, record.time > until {
                        if !wanted.isEmpty { try await send(wanted) }
                        return
                    }
                    if isRepeating {
                        if seen.contains(record) { continue }
                        if let last = seen.last, record.time > last { isRepeating = false }
                    }
                    let isWanted =
                        query.streams.contains(record.stream) && query.since.map { $0 <= record.time } ?? true
                    if isWanted { wanted.append(item) }
                }
                if !wanted.isEmpty { try await send(wanted) }
            }
        }
    }

    private func readHistory(
        of container: LoggedContainer,
        _ send: ([LogItem]) async throws -> Void
    ) async throws -> RecentRecords {
        var lines = LogLines(isFramed: !container.hasTTY)
        var seen = RecentRecords()
        for try await chunk in try await history(of: container, timestamps: true) {
            let records = lines.append(chunk)
            guard !records.isEmpty else { continue }
            seen.add(records)
            if query.tail != 0 { try await send(records.map { .record($0) }) }
        }
        let rest = lines.finish()
        if !rest.isEmpty, query.tail != 0 { try await send(rest.map { .record($0) }) }
        return seen
    }

    private func history(
        of container: LoggedContainer,
        timestamps: Bool
    ) async throws -> EngineStream<LogFrames> {
        try await container.engine.logs(
            of: container.id,
            follow: false,
            // A reader of new output alone still has to know which message was the last.
            tail: query.tail.map { max($0, query.follow ? 1 : 0) },
            since: query.since?.seconds,
            until: query.until?.seconds,
            streams: query.streams,
            timestamps: timestamps,
            hasTTY: container.hasTTY
        )
    }
}

extension LogQuery {
    /// The records that it asks for.
    fileprivate func selection(of records: [LogRecord]) -> ArraySlice<LogRecord> {
        let wanted = records.filter { record in
            streams.contains(record.stream) && since.map { $0 <= record.time } ?? true
                && until.map { record.time <= $0 } ?? true
        }
        return tail.map { wanted.suffix($0) } ?? wanted[...]
    }
}

import DockerEngine
import SQL

/// The output of runs.
package struct Logs: Sendable {
    let runs: RunCache
    let hosts: Hosts
    let store: Store
    let followers: LogFollowers
    /// For the output of apps, which is collected in memory.
    let collections = AsyncSemaphore(permits: 4)

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
        guard let run = runs.entry(named: name)?.run else { throw BerthError.runNotFound(name) }
        // A reader may come before the start, and waits for it when the response has begun.
        if query.follow, run.state.isBeingStarted {
            return RunLog(query: query, source: .starting(name, self))
        }
        let container = try await withContainer(of: run) { id, engine in
            let container = try await LoggedContainer(id, on: engine)
            // Finds out whether its log driver can be read, while that can still be the response.
            for try await _ in try await container.output(LogQuery(tail: 0), hasTimes: true) {}
            return container
        }
        guard let container else {
            return RunLog(query: query, source: .kept(try await store.log(of: run.id) ?? KeptLog()))
        }
        guard query.follow, run.state.status == .running, !query.isPast(at: .now()) else {
            return RunLog(query: query, source: .container(container))
        }
        return RunLog(query: query, source: .followed(run.id, container, followers))
    }

    /// Passes the run's container to `read`.
    ///
    /// - Returns: nil if there is no container, and if its host is away and the run's output was kept.
    /// - Throws: `BerthError`, also for the engine's errors.
    func withContainer<Result>(
        of run: Run,
        _ read: (ContainerID, Engine) async throws -> Result
    ) async throws -> Result? {
        guard let id = run.containerID, run.state != .removed, run.state != .lost else { return nil }
        do {
            return try await read(id, hosts.host(run.host).connectedEngine())
        } catch let error as EngineError where error.isNotFound {
            return nil
        } catch {
            guard error is EngineError || error is BerthError else { throw error }
            if run.state.status == .finished, try await store.log(of: run.id) != nil { return nil }
            guard let error = error as? EngineError else { throw error }
            throw BerthError.engine(error, of: run.host, .readLog(run.name))
        }
    }
}

// For runs that have finished.
extension Logs {
    /// Keeps the last part of a run's output, in place of what was kept before.
    ///
    /// - Parameter container: nil if it is gone; what its followers have seen is kept then.
    func keep(_ run: Run, of container: ContainerID?, within limit: Duration) async throws {
        // First of all, since followers leave when the container has ended.
        let seen = followers.seen(of: run.id)
        if let container {
            do {
                let engine = try await hosts.host(run.host).connectedEngine()
                let log = try await withDeadline(limit) { try await Self.end(of: container, on: engine, LogQuery()) }
                return try await store.keep(log, of: run.id)
            } catch let error as EngineError where error.isNotFound {}
        }
        guard let seen, try await store.log(of: run.id) == nil else { return }
        var log = KeptLog()
        log.addGap()
        for case .record(let record) in seen { log.add(record) }
        log.trim()
        try await store.keep(log, of: run.id)
    }

    /// Reads the last part of a container's output that a query asks for, by one call of its engine.
    static func end(of container: ContainerID, on engine: Engine, _ query: LogQuery) async throws -> KeptLog {
        // Engines take the last lines before they select times and streams.
        let isPlain = query.until == nil && query.streams.count == 2
        let tail = isPlain ? min(max(query.tail ?? .max, 1), KeptLog.maximumRecords) : nil
        var log = KeptLog()
        var lines = LogLines()
        var count = 0
        let output = try await engine.logs(
            of: container,
            follow: false,
            tail: tail,
            since: query.since?.seconds,
            until: query.until?.seconds,
            streams: query.streams,
            timestamps: true,
            hasTTY: nil
        )
        for try await chunk in output {
            for record in lines.append(chunk) {
                log.add(record)
                count += 1
            }
        }
        for record in lines.finish() { log.add(record) }
        if let tail, count >= tail { log.addGap() }
        log.trim()
        return log
    }
}

/// A container whose output is read.
struct LoggedContainer: Sendable {
    let engine: Engine
    let id: ContainerID
    let hasTTY: Bool

    /// - Throws: `EngineError`.
    init(_ id: ContainerID, on engine: Engine) async throws {
        self.engine = engine
        self.id = id
        hasTTY = try await engine.container(id).config.hasTTY ?? false
    }

    /// What it has written until now.
    func output(_ query: LogQuery, hasTimes: Bool) async throws -> EngineStream<LogFrames> {
        try await engine.logs(
            of: id,
            follow: false,
            // A reader of new output alone still has to know which message was the last.
            tail: query.tail.map { max($0, query.follow ? 1 : 0) },
            since: query.since?.seconds,
            until: query.until?.seconds,
            // The same is true of its stream.
            streams: query.follow ? [.stdout, .stderr] : query.streams,
            timestamps: hasTimes,
            hasTTY: hasTTY
        )
    }
}

import DockerEngine
import Logging
import SQL
import ServiceLifecycle

/// Keeps the last part of each run's output when the run has finished, because its container may be removed at any time,
/// also by others.
struct LogKeeper: Service {
    let runs: RunCache
    let hosts: Hosts
    let store: Store
    let followers: LogFollowers
    let logger: Logger

    /// How many logs are read at once, of all hosts.
    private static let parallel = 4
    /// How many of the last lines are read, of which the last ``KeptLog/limit`` bytes are kept.
    private static let lines = 4096
    /// For one log; an engine that takes longer is asked no further.
    private static let deadline = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // The rest of a burst that was longer than the feed's memory is not kept: the containers are still there.
                try? await runs.feed.withReader(after: runs.feed.last) { reader in try await follow(&reader) }
            }
        }
    }

    private func follow(_ reader: inout ChangeReader) async throws {
        await withTaskGroup { group in
            var count = 0
            while true {
                switch await reader.next(within: .seconds(3600)) {
                case .changes(let changes):
                    for run in changes.compactMap(\.finishedRun) {
                        if count == Self.parallel { await group.next() } else { count += 1 }
                        group.addTask { await keep(run) }
                    }
                case .quiet: continue
                case .missed, .end: return
                }
            }
        }
    }

    private func keep(_ run: Run) async {
        do {
            var log = try await log(of: run)
            log.trim()
            guard !log.records.isEmpty else { return }
            try await store.keep(log, of: run.id)
        } catch {
            logger.debug(
                "The output of a run was not kept.",
                metadata: ["berth.run": "\(run.name)", "error.message": "\(error)"]
            )
        }
    }

    /// What its engine has of it; without a container, what its followers have seen, unless it was kept before.
    private func log(of run: Run) async throws -> KeptLog {
        if let container = run.containerID, run.state == .exited {
            do {
                return try await log(of: container, on: hosts.host(run.host).connectedEngine())
            } catch let error as EngineError where error.isNotFound {}
        }
        var log = KeptLog()
        guard let seen = followers.seen(of: run.id), try await store.log(of: run.id) == nil else { return log }
        log.addGap()
        for case .record(let record) in seen { log.add(record) }
        return log
    }

    private func log(of container: ContainerID, on engine: Engine) async throws -> KeptLog {
        try await withDeadline(Self.deadline) {
            var log = KeptLog()
            let hasTTY = try await engine.container(container).config.hasTTY ?? false
            let stream = try await engine.logs(
                of: container,
                follow: false,
                tail: Self.lines,
                timestamps: true,
                hasTTY: hasTTY
            )
            var lines = LogLines(isFramed: !hasTTY)
            var count = 0
            for try await chunk in stream {
                for record in lines.append(chunk) {
                    log.add(record)
                    count += 1
                }
            }
            for record in lines.finish() { log.add(record) }
            if count >= Self.lines { log.addGap() }
            return log
        }
    }
}

extension Change {
    /// The run, if it has just finished or its container is gone.
    fileprivate var finishedRun: Run? {
        guard case .run(let run, _) = subject, run.state.status == .finished, run.startedAt != nil else { return nil }
        return run
    }
}

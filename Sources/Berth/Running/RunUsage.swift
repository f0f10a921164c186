package import DockerEngine

/// What the containers of runs use, as their engines measure it.
package struct RunUsage: Sendable {
    let runs: RunCache
    let hosts: Hosts

    /// What the run's container uses now; takes one to two seconds, since the use of processors needs two samples.
    ///
    /// - Throws: `BerthError` `runNotFound`, `runDoesNotRun`, `hostNotConnected`, or the engine's error.
    package func sample(of name: RunName) async throws -> TimedUsage {
        let usage = try await measuring(name) { engine, container in
            try await engine.containerUsage(container, isMeasuredTwice: true)
        }
        guard let sample = TimedUsage(usage) else { throw BerthError.runDoesNotRun(name, .exited) }
        return sample
    }

    /// Begins to follow what the run's container uses; for the errors see ``sample(of:)``.
    package func follow(_ name: RunName) async throws -> FollowedUsage {
        let stream = try await measuring(name) { engine, container in try await engine.followUsage(of: container) }
        return FollowedUsage(name: name, runs: runs, stream: stream)
    }

    private func measuring<Result>(
        _ name: RunName,
        _ measure: (Engine, ContainerID) async throws -> Result
    ) async throws -> Result {
        guard let run = runs.entry(named: name)?.run else { throw BerthError.runNotFound(name) }
        guard run.state == .running || run.state == .paused, let container = run.containerID else {
            throw BerthError.runDoesNotRun(name, run.state)
        }
        do {
            return try await measure(hosts.host(run.host).connectedEngine(), container)
        } catch let error as EngineError where error.isNotFound {
            throw BerthError.runDoesNotRun(name, .removed)
        } catch let error as EngineError {
            throw BerthError.engine(error, of: run.host, .measure(name))
        }
    }
}

/// What a container uses at one moment.
package struct TimedUsage: Sendable, Equatable {
    /// By the engine's clock.
    package let time: Timestamp
    package let usage: ContainerUsage

    /// Nil for the empty sample of a container that does not run.
    init?(_ usage: ContainerUsage) {
        guard let time = usage.time.flatMap({ LogTime(rfc3339: $0) }) else { return nil }
        self.time = Timestamp(time)
        self.usage = usage
    }
}

/// The usage of one run's container, from now on.
package struct FollowedUsage: Sendable {
    let name: RunName
    let runs: RunCache
    let stream: EngineStream<JSONLines<ContainerUsage>>

    /// How long the end of the run may come after the end of the engine's stream.
    private static let endTimeout = Duration.seconds(2)

    /// Passes a sample each second to `send` until the run has ended.
    ///
    /// A first sample without a use of processors is left out. While `send` waits, nothing is read from the engine, and
    /// no more is buffered than what a connection holds.
    /// - Throws: what `send` throws; `EngineError` when the engine ends the stream before the run has ended.
    package func read(_ send: (TimedUsage) async throws -> Void) async throws {
        var isFirst = true
        for try await usage in stream {
            guard runs.entry(named: name)?.run.state.status == .running else { return }
            guard let sample = TimedUsage(usage), !isFirst || usage.cpuPercent != nil else {
                isFirst = false
                continue
            }
            isFirst = false
            try await send(sample)
        }
        do {
            guard try await runs.wait(for: name, until: .finished, atMost: Self.endTimeout) == nil else { return }
        } catch BerthError.runNotFound {
            return
        }
        throw EngineError.unreachable("the engine ended the stream before the run has ended")
    }
}

import DockerEngine

/// One run through Berth and one by the engine's own API, beside each other.
struct Round: Sendable {
    let berth: BenchApp.Run
    /// Nil where there is no way to the engine.
    let raw: Duration?
    let end: End?
}

/// Rounds, one after the other.
struct Rounds: Sendable {
    let app: BenchApp
    /// Nil where there is no way to the engine.
    let raw: (containers: RawContainers, watch: EndWatch)?

    /// An end that was not told within this counts as not told.
    static let endLimit = Duration.seconds(5)
    /// So many finished containers stay until the end, to be listed.
    private static let kept = 100

    /// Berth and the engine take turns in who begins.
    ///
    /// A round begins when the engine has cleaned up behind the one before.
    func measure(_ numbers: Range<Int>, onRound: (Int) -> Void) async throws -> [Round] {
        var rounds: [Round] = []
        for number in numbers {
            let round = try await measure(number)
            rounds.append(round)
            if number >= Self.kept { try await app.remove(round.berth) }
            onRound(rounds.count)
        }
        return rounds
    }

    private func measure(_ number: Int) async throws -> Round {
        guard let raw else {
            let run = try await app.run()
            try await app.kill(run)
            return Round(berth: run, raw: nil, end: nil)
        }
        guard number.isMultiple(of: 2) else {
            let direct = try await raw.containers.run(number)
            return try await end(app.run(), direct, raw)
        }
        let run = try await app.run()
        let direct = try await raw.containers.run(number)
        return try await end(run, direct, raw)
    }

    private func end(
        _ run: BenchApp.Run,
        _ direct: (id: ContainerID, took: Duration),
        _ raw: (containers: RawContainers, watch: EndWatch)
    ) async throws -> Round {
        guard let container = ContainerID(run.container) else { throw BenchError("\(run.name) has no full id") }
        try await raw.containers.end(container)
        let end = try await raw.watch.times.end(of: run.container, within: Self.endLimit)
        try await raw.containers.waitUntilCleanedUp(container)
        try await raw.containers.remove(direct.id)
        return Round(berth: run, raw: direct.took, end: end)
    }
}

import DockerEngine

/// One run through Berth and one through the engine's own API.
struct Round: Sendable {
    let berth: BenchApp.Run
    /// Nil if there is no connection to the engine.
    let raw: Duration?
    let end: End?
}

/// Sequential rounds.
struct Rounds: Sendable {
    let app: BenchApp
    /// Nil if there is no connection to the engine.
    let raw: (containers: RawContainers, watch: EndWatch)?

    /// An end that the server does not report within this time counts as not reported.
    static let endLimit = Duration.seconds(5)
    /// The number of finished containers that are kept until the end, to be listed.
    private static let kept = 100

    /// Measures the rounds; Berth and the engine alternate in going first.
    ///
    /// A round begins when the engine has cleaned up after the previous one.
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
        try await raw.containers.engine.removeContainer(direct.id, force: true)
        return Round(berth: run, raw: direct.took, end: end)
    }
}

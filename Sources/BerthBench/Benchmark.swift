import BerthAPI
import DockerEngine
import UnixSignals

/// Measures an installation from outside, and removes what the measurement created.
package struct Benchmark: Sendable {
    private let order: BenchOptions
    private let progress: @Sendable (String) -> Void
    private let names = BenchNames()
    private let unanswered = UnansweredNames()

    private static let warmUps = 2

    /// - Parameter progress: called with short lines during the measurement.
    package init(_ order: BenchOptions, progress: @escaping @Sendable (String) -> Void) {
        self.order = order
        self.progress = progress
    }

    /// The results, and the objects that could not be removed.
    package struct Outcome: Sendable {
        package let report: BenchReport
        /// Sentences about remaining objects, each with the command that helps; empty on success.
        package let left: [String]
    }

    /// Measures to the end, or until SIGINT, SIGTERM or SIGHUP; the clean-up that follows cannot be interrupted.
    ///
    /// - Throws: `BenchError`, including what could not be removed.
    package func run() async throws -> Outcome {
        let site = try await site()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        defer { withExtendedLifetime(signals) {} }
        do {
            let report = try await until(signals) { try await measure(site) }
            return Outcome(report: report, left: await cleanUp(site))
        } catch {
            let left = await cleanUp(site)
            let done = left.isEmpty ? ["everything that was created has been removed"] : left
            throw BenchError(([words(for: error)] + done).joined(separator: "; "))
        }
    }

    private func cleanUp(_ site: BenchSite) async -> [String] {
        progress("cleaning up")
        let cleanUp = CleanUp(
            server: order.server,
            token: order.token,
            names: names,
            engine: site.engine,
            unanswered: unanswered
        )
        return await cleanUp.run()
    }

    /// Checks all preconditions before anything is created.
    private func site() async throws -> BenchSite {
        do {
            return try await APIClient.with(order.server, token: order.token) { try await BenchSite(order, client: $0) }
        } catch {
            throw BenchError(words(for: error))
        }
    }
}

// Measuring.
extension Benchmark {
    private func measure(_ site: BenchSite) async throws -> BenchReport {
        try await APIClient.with(order.server, token: order.token) { client in
            let app = BenchApp(client: client, name: names.app)
            try await app.define(order, on: site.host.name)
            progress("first run; pulls the image if it is missing")
            let first = try await app.run()
            try await app.kill(first)
            guard let engine = site.engine else { return try await measure(app, raw: nil, site) }
            return try await engine.whileOpen { engine in
                let raw = RawContainers(engine, names: names, order: order, unanswered: unanswered)
                guard try await raw.holds(first.container) else {
                    let refusal = "\(site.host.endpoint) leads to a different engine from here than from the server"
                    return try await measure(app, raw: nil, site.withoutEngine(refusal))
                }
                return try await measure(app, raw: raw, site)
            }
        }
    }

    private func measure(_ app: BenchApp, raw: RawContainers?, _ site: BenchSite) async throws -> BenchReport {
        guard let raw else { return try await report(Rounds(app: app, raw: nil), site) }
        let watch = try await EndWatch(of: app, on: raw.engine)
        return try await watch.reading { try await report(Rounds(app: app, raw: (raw, watch)), site) }
    }

    private func report(_ rounds: Rounds, _ site: BenchSite) async throws -> BenchReport {
        _ = try await rounds.measure(0..<Self.warmUps) { _ in }
        progress("\(order.runs) runs")
        let measured = try await rounds.measure(Self.warmUps..<Self.warmUps + order.runs) { done in
            if done.isMultiple(of: 10) || done == order.runs { progress("\(done) of \(order.runs) runs") }
        }
        progress("lists")
        let lists = try await Lists(of: rounds.app.client, beside: rounds.raw?.containers)
        return BenchReport(order, site, measured, lists)
    }
}

/// Runs `body` to its end or until a signal, which cancels it.
private func until<Result: Sendable>(
    _ signals: UnixSignalsSequence,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await firstOf(body) {
        var signals = signals.makeAsyncIterator()
        _ = await signals.next()
        throw CancellationError()
    }
}

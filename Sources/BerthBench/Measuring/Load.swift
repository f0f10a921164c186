/// Sequential requests on one connection, measured in several slices of time.
package struct Load: Sendable, Equatable {
    /// The rate of each slice, in requests per second.
    package private(set) var rates: [Double] = []
    package private(set) var times: [Duration] = []
    /// How many elements the list has; nil if the response is not a list.
    package let items: Int?

    package init(items: Int? = nil) { self.items = items }

    package mutating func add(_ slice: [Duration], in passed: Duration) {
        times += slice
        rates.append(Double(slice.count) / (passed / .seconds(1)))
    }

    /// Compares loads whose slices alternated.
    package static func ratio(of ours: Load, to base: Load) -> Ratio? { Ratio(ours.rates, to: base.rates) }
}

/// Several loads with alternating slices; each round begins with a different load.
struct LoadTurns: Sendable {
    let contestants: [@Sendable () async throws -> Void]

    private static let rounds = 5
    private static let slice = Duration.milliseconds(400)

    /// - Parameter loads: the results to extend, in the order of the contestants.
    func measure(into loads: [Load]) async throws -> [Load] {
        var loads = loads
        // The first round is a warm-up and is not counted.
        for round in -1..<Self.rounds {
            for place in contestants.indices {
                let which = (place + round + 1) % contestants.count
                let start = ContinuousClock.now
                let times = try await slice(of: contestants[which])
                if round >= 0 { loads[which].add(times, in: .now - start) }
            }
        }
        return loads
    }

    /// Sends at least one request.
    private func slice(of request: () async throws -> Void) async throws -> [Duration] {
        let end = ContinuousClock.now + Self.slice
        var times: [Duration] = []
        repeat { times.append(try await ContinuousClock().measure { try await request() }) } while .now < end
        return times
    }
}

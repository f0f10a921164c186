package import BerthAPI

/// The time of runs through Berth by layer: each layer's times, and its share of the whole call.
package struct Layers: Sendable, Equatable {
    package enum Name: String, Sendable, CaseIterable {
        case store
        case transport
        case engine
        /// The server's own work, without waiting for the three layers.
        case berth
        /// Between this program and the server: sending and receiving.
        case client
    }

    package struct Layer: Sendable, Equatable {
        package let name: Name
        package let times: Quantiles
        /// The share of the time of all calls together; the shares of all layers add up to 100.
        package let percent: Double
    }

    package let layers: [Layer]
    /// The total time of each response, as reported by the server.
    package let total: Quantiles

    /// - Parameter calls: for each call its duration here, and the server's times by layer; nil without any.
    package init?(_ calls: [(took: Duration, times: LayerTimes)]) {
        guard let total = Quantiles(calls.map(\.times.total)) else { return nil }
        self.total = total
        let parts = calls.map { Self.parts($0.took, $0.times) }
        let whole = parts.map { $0.values.reduce(.zero, +) }.reduce(.zero, +)
        layers = Name.allCases.compactMap { name in
            let times = parts.map { $0[name] ?? .zero }
            let sum = times.reduce(.zero, +)
            return Quantiles(times).map { Layer(name: name, times: $0, percent: whole > .zero ? sum / whole * 100 : 0) }
        }
    }

    /// A remainder is never negative, although layers and their sum are rounded.
    private static func parts(_ took: Duration, _ times: LayerTimes) -> [Name: Duration] {
        [
            .store: times.store, .transport: times.transport, .engine: times.engine,
            .berth: max(.zero, times.total - times.store - times.transport - times.engine),
            .client: max(.zero, took - times.total),
        ]
    }
}

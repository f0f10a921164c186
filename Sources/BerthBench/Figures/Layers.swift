package import BerthAPI

/// Where the time of runs through Berth went: each layer's times, and its share of the whole call.
package struct Layers: Sendable, Equatable {
    package enum Name: String, Sendable, CaseIterable {
        case store
        case transport
        case engine
        /// What the server did besides waiting for the three.
        case berth
        /// Between this program and the server: sending, receiving.
        case client
    }

    package struct Layer: Sendable, Equatable {
        package let name: Name
        package let times: Quantiles
        /// Of the time of all calls together; those of all layers are 100.
        package let percent: Double
    }

    package let layers: [Layer]
    /// What the server says that each answer took in all.
    package let total: Quantiles

    /// - Parameter calls: each with how long it took here, and where the server says that the time went; nil without any.
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

    /// What remains is nothing at least: layers are rounded, and so is their sum.
    private static func parts(_ took: Duration, _ times: LayerTimes) -> [Name: Duration] {
        [
            .store: times.store, .transport: times.transport, .engine: times.engine,
            .berth: max(.zero, times.total - times.store - times.transport - times.engine),
            .client: max(.zero, took - times.total),
        ]
    }
}

/// Where the time of one answer went, as its `Server-Timing` says.
package struct LayerTimes: Sendable, Equatable {
    /// For the database.
    package let store: Duration
    /// On the way to hosts and back, which is an estimate.
    package let transport: Duration
    package let engine: Duration
    /// In all, until the answer began.
    package let total: Duration

    package init(store: Duration, transport: Duration, engine: Duration, total: Duration) {
        self.store = store
        self.transport = transport
        self.engine = engine
        self.total = total
    }

    /// Reads `store;dur=2.340, transport;dur=…, engine;dur=…, total;dur=…`, the durations in milliseconds.
    ///
    /// Nil unless all four are there; others are passed over.
    package init?(field: String) {
        var found: [String: Duration] = [:]
        for entry in field.split(separator: ",") {
            let parts = entry.split(separator: ";")
            guard let name = parts.first, let time = parts.dropFirst().lazy.compactMap(Self.time).first else {
                continue
            }
            found[String(name.drop { $0 == " " })] = time
        }
        guard let store = found["store"], let transport = found["transport"], let engine = found["engine"],
            let total = found["total"]
        else { return nil }
        self.init(store: store, transport: transport, engine: engine, total: total)
    }

    private static func time(_ parameter: Substring) -> Duration? {
        guard parameter.hasPrefix("dur="), let value = Double(parameter.dropFirst(4)), value >= 0, value < 1e12 else {
            return nil
        }
        return .milliseconds(value)
    }
}

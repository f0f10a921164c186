/// The time that one response spent in each layer, from its `Server-Timing`.
package struct LayerTimes: Sendable, Equatable {
    /// In the database.
    package let store: Duration
    /// On the connections to hosts, which is an estimate.
    package let transport: Duration
    package let engine: Duration
    /// The total until the response began.
    package let total: Duration

    package init(store: Duration, transport: Duration, engine: Duration, total: Duration) {
        self.store = store
        self.transport = transport
        self.engine = engine
        self.total = total
    }

    /// Parses `store;dur=2.340, transport;dur=…, engine;dur=…, total;dur=…`, with durations in milliseconds.
    ///
    /// Nil unless all four are present; other entries are ignored.
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

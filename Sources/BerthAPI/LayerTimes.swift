/// The time that one response spent in each layer: its `Server-Timing`.
package struct LayerTimes: Sendable, Equatable {
    /// In the database.
    package var store: Duration
    /// On the connections to hosts, which is an estimate.
    package var transport: Duration
    package var engine: Duration
    /// The total until the response began.
    package var total: Duration

    package init(
        store: Duration = .zero,
        transport: Duration = .zero,
        engine: Duration = .zero,
        total: Duration = .zero
    ) {
        self.store = store
        self.transport = transport
        self.engine = engine
        self.total = total
    }
}

// The header, by the W3C's Server Timing, section 3.
extension LayerTimes {
    /// `store;dur=2.340, transport;dur=…, engine;dur=…, total;dur=…`, with durations in milliseconds.
    ///
    /// Every response has it, so it is formatted from whole microseconds, which costs less than from a `Double`.
    package var field: String {
        var text = ""
        text.reserveCapacity(96)
        guard store > .zero || transport > .zero || engine > .zero else {
            text += "store;dur=0.000, transport;dur=0.000, engine;dur=0.000, total;dur="
            text.appendMilliseconds(total)
            return text
        }
        text += "store;dur="
        text.appendMilliseconds(store)
        text += ", transport;dur="
        text.appendMilliseconds(transport)
        text += ", engine;dur="
        text.appendMilliseconds(engine)
        text += ", total;dur="
        text.appendMilliseconds(total)
        return text
    }

    /// Parses ``field``; nil unless all four layers are present, and other entries are ignored.
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

extension String {
    /// Truncates to three digits after the point.
    package mutating func appendMilliseconds(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let fraction = microseconds % 1000
        self += String(microseconds / 1000)
        self += fraction < 10 ? ".00" : fraction < 100 ? ".0" : "."
        self += String(fraction)
    }
}

import Berth
import DockerEngine

/// What the `Server-Timing` of an answer says.
///
/// Every answer has one, so it is written from whole microseconds, which costs less than from a `Double`.
struct ServerTiming {
    var store = Duration.zero
    var transport = Duration.zero
    var engine = Duration.zero
    var total = Duration.zero

    /// The header's value, in the form of the W3C's Server Timing, section 3.
    var field: String {
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
}

/// Measures what one request waits for, below HTTP.
final class Layers: Sendable {
    private let store = Timings()
    private let engines = EngineTimings()

    /// Has what `body` asks of databases and engines counted here.
    func measuring<Result: Sendable>(_ body: @concurrent () async throws -> Result) async rethrows -> Result {
        try await Timings.$current.withValue(store) {
            try await EngineTimings.$current.withValue(engines) { try await body() }
        }
    }

    func timing(total: Duration) -> ServerTiming {
        ServerTiming(
            store: store.inStore,
            transport: engines.inTransport,
            engine: engines.inEngine,
            total: total
        )
    }
}

extension String {
    /// With three digits after the point, the rest cut off.
    mutating func appendMilliseconds(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let fraction = microseconds % 1000
        self += String(microseconds / 1000)
        self += fraction < 10 ? ".00" : fraction < 100 ? ".0" : "."
        self += String(fraction)
    }
}

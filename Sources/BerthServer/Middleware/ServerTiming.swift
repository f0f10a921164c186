/// The `Server-Timing` of a response.
///
/// Every response has one, so it is formatted from whole microseconds, which costs less than from a `Double`.
struct ServerTiming {
    var store = Duration.zero
    var transport = Duration.zero
    var engine = Duration.zero
    var total = Duration.zero

    /// The header's value, by the W3C's Server Timing, section 3.
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

extension String {
    /// Truncates to three digits after the point.
    mutating func appendMilliseconds(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let fraction = microseconds % 1000
        self += String(microseconds / 1000)
        self += fraction < 10 ? ".00" : fraction < 100 ? ".0" : "."
        self += String(fraction)
    }
}

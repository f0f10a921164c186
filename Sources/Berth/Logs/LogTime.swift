/// When an engine received a message, in nanoseconds since 1970 by the engine's clock.
package struct LogTime: Hashable, Sendable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The nearest time that can be represented: an engine may report any year.
    init(_ time: Timestamp) {
        let (nanoseconds, isTooLarge) = time.milliseconds.multipliedReportingOverflow(by: 1_000_000)
        self.nanoseconds = isTooLarge ? (time.milliseconds < 0 ? .min : .max) : nanoseconds
    }

    /// Reads RFC 3339 with any number of fractional digits and any offset.
    package init?(rfc3339 text: String) {
        self.init(rfc3339: Array(text.utf8)[...])
    }

    /// Read without a formatter for speed, since each line of a log has one.
    init?(rfc3339 text: ArraySlice<UInt8>) {
        var scanner = Scanner(rest: text)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T"), let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
            1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second <= 60
        else { return nil }
        let fraction = scanner.take(".") ? scanner.fraction() : 0
        guard let fraction, let offset = scanner.offset(), scanner.rest.isEmpty else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
        let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooLarge else { return nil }
        let (sum, isSumTooLarge) = whole.addingReportingOverflow(fraction)
        guard !isSumTooLarge else { return nil }
        nanoseconds = sum
    }

    /// The nearest time that can be represented.
    func advanced(by duration: Duration) -> LogTime {
        let (sum, isTooLarge) = nanoseconds.addingReportingOverflow(Int64(clamping: Int128(duration / .nanoseconds(1))))
        return isTooLarge ? LogTime(nanoseconds: duration < .zero ? .min : .max) : LogTime(nanoseconds: sum)
    }

    package static func < (left: LogTime, right: LogTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Seconds since 1970 with nine fractional digits, as engines take it.
    var seconds: String {
        let (whole, rest) = max(0, nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = String(rest)
        return "\(whole)." + String(repeating: "0", count: 9 - digits.count) + digits
    }
}

extension LogTime: CustomStringConvertible {
    /// RFC 3339 in UTC with nanoseconds: `2026-11-23T14:13:00.123456789Z`.
    package var description: String {
        let (milliseconds, rest) = nanoseconds.quotientAndRemainder(dividingByFloor: 1_000_000)
        let digits = String(rest)
        return String(decoding: Timestamp(milliseconds: milliseconds).rfc3339.dropLast(), as: UTF8.self)
            + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }
}

extension Timestamp {
    package init(_ time: LogTime) {
        self.init(milliseconds: time.nanoseconds.quotientAndRemainder(dividingByFloor: 1_000_000).0)
    }
}

/// Reads fixed fields from the beginning of a text.
private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ count: Int) -> Int64? {
        guard rest.count >= count else { return nil }
        var number: Int64 = 0
        for byte in rest.prefix(count) {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        rest.removeFirst(count)
        return number
    }

    /// The digits after the point, in nanoseconds; more than nine are cut off.
    mutating func fraction() -> Int64? {
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        var nanoseconds: Int64 = 0
        for index in 0..<9 {
            let digit = index < digits.count ? digits[digits.startIndex + index] - UInt8(ascii: "0") : 0
            nanoseconds = nanoseconds * 10 + Int64(digit)
        }
        return nanoseconds
    }

    /// `Z` or `±hh:mm`, in seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

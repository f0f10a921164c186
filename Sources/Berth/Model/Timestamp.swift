import Glibc

/// A point in time with a resolution of one millisecond, as it is stored and shown.
package struct Timestamp: Hashable, Sendable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// This machine's wall clock.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Reads RFC 3339 with any number of fractional digits, as engines write it: Docker in UTC, podman at some places in
    /// the zone of its host.
    ///
    /// Nil for anything else, and for the year 1, which engines use for "never".
    package init?(engineTime text: String) {
        guard text.utf8.count >= 20, text.utf8.count <= 40, let (local, offset) = Self.splitOffset(text) else {
            return nil
        }
        let parts = local.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let localSeconds = Self.seconds(parts[0]) else { return nil }
        let seconds = localSeconds - offset
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard isDigits(fraction), let milliseconds = Int64((fraction + "00").prefix(3)), seconds > 0 else { return nil }
        self.milliseconds = seconds * 1000 + milliseconds
    }

    /// The point in time that is later by this duration.
    func after(_ duration: Duration) -> Timestamp { before(.zero - duration) }

    /// The point in time that is earlier by this duration.
    func before(_ duration: Duration) -> Timestamp {
        Timestamp(milliseconds: milliseconds - duration.components.seconds * 1000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The time without `Z` or `±hh:mm`, and that offset in seconds east of UTC.
    private static func splitOffset(_ text: String) -> (local: Substring, offset: Int64)? {
        if text.hasSuffix("Z") { return (text.dropLast(), 0) }
        let offset = text.suffix(6)
        let numbers = numbers(in: offset.dropFirst(), separatedBy: ":")
        let hasMinutes = offset.utf8.count == 6 && offset.dropFirst(3).first == ":"
        guard let sign = offset.first, sign == "+" || sign == "-", hasMinutes, numbers.count == 2, numbers[0] < 24,
            numbers[1] < 60
        else { return nil }
        let seconds = Int64(numbers[0]) * 3600 + Int64(numbers[1]) * 60
        return (text.dropLast(6), sign == "+" ? seconds : -seconds)
    }

    /// Converts `YYYY-MM-DDThh:mm:ss` to seconds since 1970.
    private static func seconds(_ text: Substring) -> Int64? {
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let date = numbers(in: halves[0], separatedBy: "-")
        let time = numbers(in: halves[1], separatedBy: ":")
        guard date.count == 3, time.count == 3, (1...9999).contains(date[0]), (1...12).contains(date[1]),
            (1...31).contains(date[2]), time[0] < 24, time[1] < 60, time[2] <= 60
        else { return nil }
        let days = daysSince1970(year: Int64(date[0]), month: Int64(date[1]), day: Int64(date[2]))
        return days * 86400 + Int64(time[0]) * 3600 + Int64(time[1]) * 60 + Int64(time[2])
    }

    /// Empty if one of the parts is not a number.
    private static func numbers(in text: Substring, separatedBy separator: Character) -> [UInt16] {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { isDigits($0) ? UInt16($0) : nil }
        return numbers.count == parts.count ? numbers : []
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T14:13:00.123Z`.
    package var description: String { String(decoding: rfc3339, as: UTF8.self) }

    /// The bytes of ``description``.
    ///
    /// Written without a formatter for speed, since each run in each list has one.
    package var rfc3339: [UInt8] {
        let (days, inDay) = milliseconds.quotientAndRemainder(dividingByFloor: 86_400_000)
        let (year, month, day) = civilDate(daysSince1970: days)
        var text = Array("0000-00-00T00:00:00.000Z".utf8)
        let fields = [
            (year, 3), (month, 6), (day, 9), (inDay / 3_600_000, 12), (inDay / 60_000 % 60, 15),
            (inDay / 1000 % 60, 18), (inDay % 1000, 22),
        ]
        for (number, end) in fields { text.write(number, endingAt: end) }
        return text
    }
}

extension [UInt8] {
    /// Writes the digits over existing zeros.
    fileprivate mutating func write(_ number: Int64, endingAt end: Int) {
        var (rest, place) = (number, end)
        while rest > 0, place >= 0 {
            self[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            place -= 1
        }
    }
}

/// Rejects the sign that Swift's own parser allows.
private func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}

// Howard Hinnant's algorithms for the proleptic Gregorian calendar, in eras of 400 years that begin in March.

func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingByFloor: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

extension Int64 {
    func quotientAndRemainder(dividingByFloor divisor: Int64) -> (Int64, Int64) {
        let quotient = self >= 0 ? self / divisor : (self - divisor + 1) / divisor
        return (quotient, self - quotient * divisor)
    }
}

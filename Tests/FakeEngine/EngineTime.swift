import Glibc

/// Nanoseconds since 1970 by the wall clock.
package func currentTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// RFC 3339 with nanoseconds, as an engine writes it; the year 1 where `nanoseconds` is 0.
func engineTime(_ nanoseconds: Int64) -> String {
    guard nanoseconds > 0 else { return "0001-01-01T00:00:00Z" }
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var date = tm()
    gmtime_r(&seconds, &date)
    let day = "\(date.tm_year + 1900)-\(padded(Int(date.tm_mon) + 1, 2))-\(padded(Int(date.tm_mday), 2))"
    let clock = "\(padded(Int(date.tm_hour), 2)):\(padded(Int(date.tm_min), 2)):\(padded(Int(date.tm_sec), 2))"
    return "\(day)T\(clock).\(padded(Int(nanoseconds % 1_000_000_000), 9))Z"
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The place of a record in a run's output: its time, and its number among the records of that time.
package struct LogPosition: Sendable, Equatable, CustomStringConvertible {
    package let time: LogTime
    package var number = 0

    package init(time: LogTime) { self.time = time }

    /// Nil for a text that ``description`` never is.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        // A number of 32 bits can be counted on from.
        guard parts.count == 2, let time = Int64(parts[0]), time >= 0, let number = Int32(parts[1]), number >= 0 else {
            return nil
        }
        self.time = LogTime(nanoseconds: time)
        self.number = Int(number)
    }

    package var description: String { "\(time.nanoseconds)-\(number)" }
}

/// Numbers the records of a run's output, and recognizes those that are read again.
struct LogCursor: Sendable, Equatable {
    /// The last record that was read.
    private(set) var position: LogPosition?
    /// How many records of the position's time are still to be read again.
    private var repeats = 0

    init(after position: LogPosition? = nil) {
        self.position = position
        rewind()
    }

    /// The output is now read again from the position's time on.
    mutating func rewind() { repeats = position.map { $0.number + 1 } ?? 0 }

    /// The position of the next record; nil if the record was read before.
    mutating func next(_ record: LogRecord) -> LogPosition? {
        guard let last = position, last.time == record.time else {
            repeats = 0
            position = LogPosition(time: record.time)
            return position
        }
        guard repeats == 0 else {
            repeats -= 1
            return nil
        }
        position?.number += 1
        return position
    }
}

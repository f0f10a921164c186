/// A row of the audit log: a request that has changed something, has tried to, or was refused.
package struct AuditRow: Sendable, Equatable {
    package let id: AuditID
    package let entry: AuditEntry
}

/// The content of an ``AuditRow``, as one line of text per field, without control characters.
package struct AuditEntry: Sendable, Equatable {
    package enum Result: String, Sendable, CaseIterable {
        case ok
        /// The sender may not do this.
        case denied
        case failed
    }

    /// The name of the sender's token.
    package let actor: String
    /// What was requested: the id of an endpoint.
    package let action: String
    /// What the request names, such as `app web`; empty if it names nothing.
    package let target: String
    package let result: Result
    /// The stable code of the problem; nil for a success.
    package let code: String?
    package let requestID: String
    /// The sender's address.
    package let address: String

    /// Cleans the texts, and cuts them to what the store has room for.
    package init(
        actor: String,
        action: String,
        target: String,
        result: Result,
        code: String? = nil,
        requestID: String,
        address: String
    ) {
        self.actor = cleaned(actor, limit: 64)
        self.action = cleaned(action, limit: 64)
        // A token in place of a name is a mistake that must not publish it.
        let words = target.split(separator: " ", omittingEmptySubsequences: false)
        self.target = cleaned(
            words.map { $0.hasPrefix("berth_") ? "berth_***" : $0 }.joined(separator: " "),
            limit: 200
        )
        self.result = result
        self.code = code.map { cleaned($0, limit: 64) }
        self.requestID = cleaned(requestID, limit: 128)
        self.address = cleaned(address, limit: 64)
    }
}

extension AuditEntry: CustomStringConvertible {
    /// For the server's log.
    package var description: String {
        let result = code.map { "\(self.result.rawValue) (\($0))" } ?? self.result.rawValue
        return "\(actor) at \(address): \(action) \(target): \(result)"
    }
}

/// The text without control and format characters, which would change what people see.
private func cleaned(_ text: String, limit: Int) -> String {
    var cleaned = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            cleaned += " "
        default: cleaned.unicodeScalars.append(scalar)
        }
    }
    return cleaned
}

/// The place of a row in the audit log, and its time: milliseconds since 1970 times 4096, plus a number.
package struct AuditID: Hashable, Sendable, Comparable {
    let number: Int64

    private static let perMillisecond: Int64 = 4096
    /// The last of the year 9999.
    package static let last = AuditID(number: 253_402_300_799_999 * perMillisecond + perMillisecond - 1)

    private init(number: Int64) { self.number = number }

    /// A number from the store; one that Berth never writes becomes the nearest that it does.
    init(recorded number: Int) { self.number = min(max(0, Int64(number)), Self.last.number) }

    /// A cursor; nil for anything but an id.
    package init?(cursor: String) {
        guard let number = Int64(cursor), 0...Self.last.number ~= number, "\(number)" == cursor else { return nil }
        self.number = number
    }

    package var cursor: String { "\(number)" }

    /// The first id of a time, or of the nearest time that has ids.
    init(firstAt time: Timestamp) {
        let latest = Self.last.number / Self.perMillisecond
        number = min(max(0, time.milliseconds), latest) * Self.perMillisecond
    }

    /// The id of the next row: ids grow, even if the clock was put back.
    func next(at now: Timestamp) -> AuditID {
        AuditID(number: min(max(number + 1, AuditID(firstAt: now).number), Self.last.number))
    }

    package var time: Timestamp { Timestamp(milliseconds: number / Self.perMillisecond) }

    package static func < (left: AuditID, right: AuditID) -> Bool { left.number < right.number }
}

/// Selects rows of the audit log; nil selects all.
package struct AuditFilter: Sendable {
    package var actor: String?
    package var action: String?
    /// What the row names, or how that begins: `app web` also selects `app web run web-sn53m4`.
    package var target: String?
    /// The time of the first row.
    package var since: Timestamp?
    /// The time of the last row.
    package var until: Timestamp?

    package init() {}

    /// The ids of these times.
    var ids: ClosedRange<Int64>? {
        let first = since.map { AuditID(firstAt: $0).number } ?? 0
        let last = until.map { AuditID(firstAt: Timestamp(milliseconds: $0.milliseconds + 1)).number - 1 }
        return first <= last ?? AuditID.last.number ? first...(last ?? AuditID.last.number) : nil
    }
}

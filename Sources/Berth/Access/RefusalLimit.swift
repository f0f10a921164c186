/// Limits the rows about refused requests, so that a client cannot fill the audit log with them; the rest are counted.
struct RefusalLimit {
    /// Rows per minute from one address, and from all.
    static let perAddress = 60
    static let total = 600

    private var minute: Int64 = 0
    /// The rows of this minute by address; it has at most ``total`` elements.
    private var admitted: [String: Int] = [:]
    private var count = 0
    /// The senders of this minute that got a 429.
    private var slowed: Set<Sender> = []
    private var skipped: Skipped?

    private struct Sender: Hashable {
        let actor: String
        let address: String
    }

    /// Refusals without a row of their own; nil for several.
    private struct Skipped {
        var count: Int
        var actor: String?
        var address: String?
    }

    /// Whether the refusal gets a row.
    ///
    /// - Parameter isOncePerMinute: whether its sender gets one such row per minute.
    mutating func admits(_ entry: AuditEntry, isOncePerMinute: Bool, at now: Timestamp) -> Bool {
        begin(now)
        let sender = Sender(actor: entry.actor, address: entry.address)
        guard count < Self.total, admitted[entry.address, default: 0] < Self.perAddress,
            !isOncePerMinute || slowed.insert(sender).inserted
        else {
            skip(entry)
            return false
        }
        count += 1
        admitted[entry.address, default: 0] += 1
        return true
    }

    private mutating func begin(_ now: Timestamp) {
        let minute = now.milliseconds / 60_000
        guard minute != self.minute else { return }
        self.minute = minute
        (admitted, count, slowed) = ([:], 0, [])
    }

    private mutating func skip(_ entry: AuditEntry) {
        guard var skipped else {
            self.skipped = Skipped(count: 1, actor: entry.actor, address: entry.address)
            return
        }
        skipped.count += 1
        if skipped.actor != entry.actor { skipped.actor = nil }
        if skipped.address != entry.address { skipped.address = nil }
        self.skipped = skipped
    }

    /// The refusals of earlier minutes that got no row, in one; nil if there are none.
    ///
    /// - Parameter isLast: whether to include those of this minute.
    mutating func summary(at now: Timestamp, isLast: Bool = false) -> AuditEntry? {
        guard let skipped, isLast || now.milliseconds / 60_000 != minute else { return nil }
        self.skipped = nil
        return AuditEntry(
            actor: skipped.actor ?? "several",
            action: "refusals",
            target: "\(skipped.count) more",
            result: .denied,
            requestID: "",
            address: skipped.address ?? "several"
        )
    }
}

import Testing

@testable import Berth

@Suite struct AuditRowTests {
    @Test func `Ids give their time, and grow when the clock stands still or goes back`() {
        let first = AuditID(firstAt: .noon)
        #expect(first.time == .noon)
        let second = first.next(at: .noon)
        #expect(second > first && second.time == .noon)
        let earlier = second.next(at: Timestamp(milliseconds: 0))
        #expect(earlier > second && earlier.time == .noon)
        #expect(earlier.next(at: .later) == AuditID(firstAt: .later))
    }

    @Test func `Thousands of rows in one millisecond move into the next ones`() {
        var id = AuditID(firstAt: .noon)
        for _ in 0..<5000 { id = id.next(at: .noon) }
        #expect(id.time.milliseconds == Timestamp.noon.milliseconds + 1)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func `A strange clock gives an id all the same`(_ milliseconds: Int64) {
        let id = AuditID(firstAt: .noon).next(at: Timestamp(milliseconds: milliseconds))
        #expect(id > AuditID(firstAt: .noon) && id <= .last)
        #expect(AuditID.last.next(at: .noon) == .last)
        #expect(AuditID(recorded: .max) == .last)
    }

    @Test(arguments: ["", "-1", "+1", "01", "x", "9223372036854775807", "99999999999999999999"])
    func `A cursor that was never sent is refused`(_ text: String) {
        #expect(AuditID(cursor: text) == nil)
        let id = AuditID(firstAt: .noon)
        #expect(AuditID(cursor: id.cursor) == id)
    }

    @Test func `Texts are cut and have no characters that change what people see`() {
        let hostile = "a\u{0}\n\u{1B}[2J\u{202E}\u{200B}b\u{2028}"
        let entry = AuditEntry(
            actor: hostile,
            action: hostile,
            target: hostile + String(repeating: "x", count: 1000),
            result: .ok,
            code: hostile,
            requestID: hostile,
            address: String(repeating: "🚢", count: 1000)
        )
        for text in [entry.actor, entry.action, entry.target, entry.code ?? "", entry.requestID] {
            #expect(text.hasPrefix("a   [2J  b "))
        }
        #expect(entry.target.unicodeScalars.count == 200)
        #expect(entry.address.unicodeScalars.count == 64)
    }

    @Test func `A token in place of an id is not shown`() {
        let token = TokenText.newToken().text
        #expect(AuditEntry.example(target: "token \(token)").target == "token berth_***")
        #expect(AuditEntry.example(target: "app web secret \(token) x").target == "app web secret berth_*** x")
    }
}

@Suite struct RefusalLimitTests {
    private func entry(_ address: String, _ actor: String = "anonymous") -> AuditEntry {
        .example(actor: actor, result: .denied, address: address)
    }

    @Test func `An address gets sixty rows a minute, and the rest are counted in one`() throws {
        var limit = RefusalLimit()
        let admitted = (0..<100).count { _ in limit.admits(entry("a"), isOncePerMinute: false, at: .noon) }
        let other = limit.admits(entry("b"), isOncePerMinute: false, at: .noon)
        let early = limit.summary(at: .noon)
        let summary = limit.summary(at: .later)
        let second = limit.summary(at: .later)
        let later = limit.admits(entry("a"), isOncePerMinute: false, at: .later)
        #expect(admitted == 60 && other && later)
        #expect(early == nil && second == nil)
        #expect(summary?.action == "refusals" && summary?.target == "40 more" && summary?.result == .denied)
        #expect(summary?.actor == "anonymous" && summary?.address == "a")
    }

    @Test func `Many addresses together get a limited number of rows`() {
        var limit = RefusalLimit()
        let admitted = (0..<10_000).count { number in
            limit.admits(entry("\(number)"), isOncePerMinute: false, at: .noon)
        }
        let summary = limit.summary(at: .noon, isLast: true)
        #expect(admitted == RefusalLimit.total)
        #expect(summary?.target == "9400 more" && summary?.address == "several")
    }

    @Test func `A sender that is too fast gets one row a minute`() {
        var limit = RefusalLimit()
        let admitted = (0..<30).count { number in
            limit.admits(entry("a", number < 20 ? "ci" : "cd"), isOncePerMinute: true, at: .noon)
        }
        let otherRefusal = limit.admits(entry("a", "ci"), isOncePerMinute: false, at: .noon)
        let later = limit.admits(entry("a", "ci"), isOncePerMinute: true, at: .later)
        let summary = limit.summary(at: .later, isLast: true)
        #expect(admitted == 2 && otherRefusal && later)
        #expect(summary?.actor == "several" && summary?.target == "28 more")
    }
}

extension AuditEntry {
    static func example(
        actor: String = "ci",
        action: String = "patchApp",
        target: String = "app web",
        result: Result = .ok,
        code: String? = nil,
        address: String = "192.0.2.1"
    ) -> AuditEntry {
        AuditEntry(
            actor: actor,
            action: action,
            target: target,
            result: result,
            code: code,
            requestID: "r1",
            address: address
        )
    }
}

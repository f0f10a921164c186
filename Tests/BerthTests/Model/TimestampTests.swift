import TestSupport
import Testing

@testable import Berth

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (-86_400_000, "1969-12-31T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_443_180_123, "2026-11-23T14:13:00.123Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (-2_208_988_800_000, "1900-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func `A timestamp is printed in RFC 3339 with milliseconds`(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:01Z", 1000),
            ("2026-11-23T14:13:00Z", 1_795_443_180_000),
            ("2026-11-23T14:13:00.123456789Z", 1_795_443_180_123),
            ("2026-11-23T14:13:00.999999999Z", 1_795_443_180_999),
            ("2026-11-23T14:13:00.1Z", 1_795_443_180_100),
            ("2026-11-23T14:13:00.000000001Z", 1_795_443_180_000),
            ("2024-02-29T12:34:56.007Z", 1_709_210_096_007),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2026-11-23T23:13:00.123456789+09:00", 1_795_443_180_123),
            ("2026-11-23T10:43:00-03:30", 1_795_443_180_000),
            ("1970-01-01T00:00:00-00:01", 60_000),
        ] as [(String, Int64)]
    )
    func `Engine timestamps are read to the millisecond`(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(engineTime: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "0001-01-01T00:00:00Z", "", "Z", "never", "2026-11-23", "2026-11-23T14:13:00", "2026-11-23T14:13:00+1:000",
        "2026-11-23T14:13:00+24:00", "2026-11-23T14:13:00+01:60", "2026-11-23T14:13:00*01:00",
        "2026-11-23T14:13:00+0100",
        "1970-01-01T00:00:00+00:01", "0001-01-01T00:00:00-01:00",
        "2026-11-23 14:13:00Z", "2026-13-23T14:13:00Z", "2026-00-23T14:13:00Z", "2026-11-32T14:13:00Z",
        "2026-11-00T14:13:00Z", "2026-11-23T24:00:00Z", "2026-11-23T14:60:00Z", "2026-11-23T14:13:61Z",
        "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "-026-11-23T14:13:00Z", "99999999999999999999-01-01T00:00:00Z",
        "2026-11-23T14:13:00.-12Z", "2026-11-23T14:13:00.1.2Z", "2026-11-23T14:13:00.abcZ", "2026-11-23T14:13:00.12eZ",
        "2026-x-11-23T14:13:00Z", "2026-11-23T14:x:13:00Z", "2026-+1-23T14:13:00Z", "2026-11-23T+4:13:00Z",
        "2026-11-23T14:13:00.+12Z", "2026-11-23T14:13:00.123456xZ", "2026-11-23T14:13:00.Z",
        "2026-11-23T14:13:00.\(String(repeating: "1", count: 50))Z", "٢٠٢٦-11-23T14:13:00Z",
        String(repeating: "2026-11-23T14:13:00Z", count: 1000),
    ])
    func `The zero time and invalid times read as nil`(_ text: String) {
        #expect(Timestamp(engineTime: text) == nil)
    }

    @Test func `A printed timestamp reads back unchanged`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let time = Timestamp(milliseconds: .random(in: 1000...253_402_300_799_999, using: &generator))
            #expect(Timestamp(engineTime: time.description) == time)
        }
    }

    @Test func `The current time is after this test was written and before 2200`() {
        #expect(Timestamp.now() > Timestamp(milliseconds: 1_700_000_000_000))
        #expect(Timestamp.now() < Timestamp(milliseconds: 7_258_118_400_000))
    }
}

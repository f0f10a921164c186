import BerthAPI
import JSON
import Testing

@Suite struct LayerTimesTests {
    @Test func `The layers are read from Server-Timing in any order`() throws {
        let field = "store;dur=2.340, cache;desc=none, total;desc=all;dur=290.5, engine;dur=280,transport;dur=1.9"
        let times = try #require(LayerTimes(field: field))
        #expect(times.store == .microseconds(2340))
        #expect(times.transport == .microseconds(1900))
        #expect(times.engine == .milliseconds(280))
        #expect(times.total == .microseconds(290_500))
    }

    @Test(arguments: [
        "", "total;dur=1", "store;dur=1, transport;dur=1, engine;dur=1",
        "store;dur=x, transport;dur=1, engine;dur=1, total;dur=1",
        "store;dur=-1, transport;dur=1, engine;dur=1, total;dur=1",
        "store;dur=nan, transport;dur=1, engine;dur=1, total;dur=1", "store, transport, engine, total",
    ])
    func `Layer times need all four layers`(field: String) {
        #expect(LayerTimes(field: field) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0.000"), (.nanoseconds(999), "0.000"), (.microseconds(1), "0.001"),
        (.microseconds(10), "0.010"), (.microseconds(999), "0.999"), (.milliseconds(1), "1.000"),
        (.microseconds(1_050), "1.050"), (.seconds(3600), "3600000.000"), (.nanoseconds(12_345_678_999), "12345.678"),
    ])
    func `Durations are printed in milliseconds, exact to the microsecond`(_ duration: Duration, _ text: String) {
        #expect(
            LayerTimes(store: duration).field
                == "store;dur=\(text), transport;dur=0.000, engine;dur=0.000, total;dur=0.000"
        )
    }
}

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
}

import BerthAPI
import BerthBench
import JSON
import Testing

@Suite struct LayersTests {
    @Test func `Time outside all layers is Berth's own, and all shares add up to a hundred`() throws {
        let times = LayerTimes(
            store: .milliseconds(3),
            transport: .milliseconds(2),
            engine: .milliseconds(80),
            total: .milliseconds(90)
        )
        let layers = try #require(Layers([(.milliseconds(100), times)]))
        #expect(layers.layers.map(\.name) == [.store, .transport, .engine, .berth, .client])
        #expect(layers.layers.map(\.percent) == [3, 2, 80, 5, 10])
        #expect(layers.total.p50 == .milliseconds(90))
    }

    @Test func `Shares are based on the total time of all calls`() throws {
        let quick = LayerTimes(store: .zero, transport: .zero, engine: .milliseconds(10), total: .milliseconds(10))
        let slow = LayerTimes(store: .milliseconds(30), transport: .zero, engine: .zero, total: .milliseconds(30))
        let layers = try #require(Layers([(.milliseconds(10), quick), (.milliseconds(30), slow)]))
        #expect(layers.layers.map(\.percent) == [75, 0, 25, 0, 0])
    }

    @Test func `Overlapping layers leave no negative remainder`() throws {
        let times = LayerTimes(
            store: .milliseconds(8),
            transport: .zero,
            engine: .milliseconds(12),
            total: .milliseconds(10)
        )
        let layers = try #require(Layers([(.milliseconds(9), times)]))
        #expect(layers.layers.map(\.times.minimum).allSatisfy { $0 >= .zero })
        #expect(layers.layers.map(\.percent) == [40, 0, 60, 0, 0])
    }

    @Test func `Without runs there are no layers`() {
        #expect(Layers([]) == nil)
    }
}

import Testing

@testable import DockerEngine

@Suite struct RoundTripsTests {
    private let start = ContinuousClock.now

    private func shortest(_ pings: [(at: Int, took: Int)]) -> Duration {
        var trips = RoundTrips()
        for ping in pings { trips.record(.milliseconds(ping.took), at: start + .seconds(ping.at)) }
        return trips.shortest
    }

    @Test func `Before the first ping the round trip time is unknown`() {
        #expect(shortest([]) == .zero)
    }

    @Test func `The shortest round trip of the last minutes counts`() {
        #expect(shortest([(0, 9), (8, 3), (16, 7)]) == .milliseconds(3))
        #expect(shortest([(0, 3), (200, 7)]) == .milliseconds(3))
    }

    @Test func `A slower connection is noticed after some minutes`() {
        #expect(shortest([(0, 3), (200, 7), (400, 8)]) == .milliseconds(7))
        #expect(shortest([(0, 3), (1000, 7)]) == .milliseconds(7))
    }
}

import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(1))) struct EngineTimingsTests {
    private static let id = ContainerID(String(repeating: "a", count: 64))

    /// Carries out `body` with an engine that takes 100 ms to start a container and next to nothing to answer a ping.
    private func timed(_ body: @escaping @Sendable (Engine, ContainerID) async throws -> Void) async throws
        -> EngineTimings
    {
        let id = try #require(Self.id)
        let timings = EngineTimings()
        try await StubEngine.withEngine { request in
            if request.path.hasSuffix("/start") { try await Task.sleep(for: .milliseconds(100)) }
            return request.path.hasSuffix("/missing") ? .http(404) : .http(204)
        } _: { engine, _ in
            for _ in 0..<5 { _ = try await engine.ping() }
            try await EngineTimings.$current.withValue(timings) { try await body(engine, id) }
        }
        return timings
    }

    @Test func `The way takes what the shortest ping took, and the engine the rest`() async throws {
        let timings = try await timed { engine, id in try await engine.startContainer(id) }
        #expect(timings.inEngine + timings.inTransport >= .milliseconds(100))
        #expect(timings.inTransport > .zero)
        #expect(timings.inTransport < .milliseconds(50))
    }

    @Test func `Calls beside each other are added up`() async throws {
        let timings = try await timed { engine, id in
            async let first: Void = engine.startContainer(id)
            async let second: Void = engine.startContainer(id)
            _ = try await (first, second)
        }
        #expect(timings.inEngine + timings.inTransport >= .milliseconds(200))
    }

    @Test func `A call that the engine refuses counts as well`() async throws {
        let timings = try await timed { engine, _ in
            await #expect(throws: EngineError.self) { try await engine.post("/missing", deadline: .seconds(5)) }
        }
        #expect(timings.inTransport > .zero)
    }

    @Test func `A call of a task that carries out no request counts for nobody`() async throws {
        let timings = try await timed { engine, id in
            try await EngineTimings.$current.withValue(nil) { try await engine.startContainer(id) }
        }
        #expect(timings.inTransport == .zero)
        #expect(timings.inEngine == .zero)
    }

    @Test func `A stream counts until its answer begins`() async throws {
        let timings = EngineTimings()
        let event = #"{"Type":"container","Action":"die","Actor":{"ID":"a"},"timeNano":1}"# + "\n"
        try await StubEngine.withEngine { _ in
            .chunked([event, event], pause: .milliseconds(200))
        } _: { engine, _ in
            let lines = try await EngineTimings.$current.withValue(timings) {
                let lines = try await engine.events(types: [])
                #expect(timings.inEngine + timings.inTransport >= .milliseconds(200))
                return lines
            }
            let before = timings.inEngine
            for try await _ in lines {}
            #expect(timings.inEngine == before)
            #expect(before < .milliseconds(600))
        }
    }

    @Test func `A call that is quicker than any ping was on its way all the time`() {
        let timings = EngineTimings()
        timings.add(.milliseconds(2), roundTrip: .milliseconds(5))
        #expect(timings.inTransport == .milliseconds(2))
        #expect(timings.inEngine == .zero)
        timings.add(.milliseconds(9), roundTrip: .milliseconds(5))
        #expect(timings.inTransport == .milliseconds(7))
        #expect(timings.inEngine == .milliseconds(4))
    }
}

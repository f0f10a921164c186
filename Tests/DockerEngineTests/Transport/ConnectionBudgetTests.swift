import Synchronization
import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(5))) struct ConnectionBudgetTests {
    @Test("Over the cap it is busy at once, and a place that goes away comes back")
    func cap() throws {
        let budget = ConnectionBudget(maximumCalls: 2, maximumStreams: 1)
        var calls = [try budget.take(for: .call), try budget.take(for: .call)]
        #expect(throws: EngineError.busy) { try budget.take(for: .call) }
        calls.removeLast()
        calls.append(try budget.take(for: .call))
        #expect(throws: EngineError.busy) { try budget.take(for: .call) }
        withExtendedLifetime(calls) {}
    }

    @Test("Few connections are shared between calls and streams, and one that is over waits", arguments: 2...10)
    func few(_ count: Int) async throws {
        let budget = ConnectionBudget(maximumConnections: count)
        var calls = try take(.call, from: budget, atMost: 100)
        let streams = try take(.stream, from: budget, atMost: 100)
        #expect(calls.count + streams.count == count)
        #expect(!calls.isEmpty)
        #expect(streams.count >= min(count - 1, 2))
        await #expect(throws: EngineError.busy) { _ = try await budget.place(for: .call, within: .milliseconds(20)) }
        async let waiting = budget.place(for: .call, within: .seconds(60))
        try await Task.sleep(for: .milliseconds(20))
        calls.removeLast()
        calls.append(try await waiting)
        withExtendedLifetime((calls, streams)) {}
    }

    @Test("Streams leave the calls' places alone, and the other way round")
    func kinds() throws {
        let budget = ConnectionBudget(maximumCalls: 1, maximumStreams: 1)
        let stream = try budget.take(for: .stream)
        #expect(throws: EngineError.busy) { try budget.take(for: .stream) }
        let call = try budget.take(for: .call)
        #expect(throws: EngineError.busy) { try budget.take(for: .call) }
        withExtendedLifetime((stream, call)) {}
    }

    @Test("Logs leave two streams, and where there are no more, a log that ends soon takes the place of a call")
    func logs() throws {
        let budget = ConnectionBudget(maximumCalls: 1, maximumStreams: 4)
        let logs = [try budget.take(for: .log), try budget.take(for: .followed)]
        #expect(throws: EngineError.busy) { try budget.take(for: .log) }
        let streams = [try budget.take(for: .stream), try budget.take(for: .stream)]
        #expect(throws: EngineError.busy) { try budget.take(for: .stream) }
        #expect(budget.inUse == (0, 4))
        let few = ConnectionBudget(maximumCalls: 1, maximumStreams: 2)
        #expect(throws: EngineError.busy) { try few.take(for: .followed) }
        let call = try few.take(for: .log)
        #expect(few.inUse == (1, 0))
        withExtendedLifetime((logs, streams, call)) {}
    }

    @Test("There is room for calls and streams under any limit of open files", arguments: [-1, 0, 20, 64, 1024, .max])
    func descriptorLimit(_ limit: Int) throws {
        let budget = ConnectionBudget(descriptorLimit: limit)
        let calls = try take(.call, from: budget, atMost: 257)
        let streams = try take(.stream, from: budget, atMost: 1025)
        #expect((4...256).contains(calls.count))
        #expect((8...1024).contains(streams.count))
        #expect(calls.count + streams.count <= max(limit, 16))
    }

    @Test("A call over the cap is busy at once, is not sent, and works again when a place is free")
    func calls() async throws {
        let mayAnswer = Atomic(false)
        try await StubEngine.withEngine { _ in
            while !mayAnswer.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
            return .http(200, body: Sample.info)
        } _: { engine, stub in
            let cap = try take(.call, from: ConnectionBudget(), atMost: 1000).count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<cap { group.addTask { _ = try await engine.info() } }
                try await expectEventually { stub.requests.count == cap }
                await #expect(throws: EngineError.busy) { try await engine.info() }
                #expect(stub.requests.count == cap)
                mayAnswer.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
            _ = try await engine.info()
        }
    }

    @Test("A stream's place comes back when it is dropped unread, dropped half read, or read to its end")
    func streams() async throws {
        let script: StubEngine.Script = { request in
            .chunked([Sample.event + "\n"], ends: request.query.contains("ends"))
        }
        try await StubEngine.withEngine(script) { engine, stub in
            let cap = try take(.stream, from: ConnectionBudget(), atMost: 2000).count
            for round in 0..<(cap + 20) {
                let events = try await engine.events(types: [round % 3 == 0 ? "ends" : "container"])
                if round % 3 == 1 { continue }
                for try await _ in events where round % 3 == 2 { break }
            }
            try await expectEventually { stub.openConnections <= 2 }
        }
    }

    private func take(
        _ purpose: ConnectionBudget.Purpose,
        from budget: ConnectionBudget,
        atMost limit: Int
    ) throws -> [ConnectionBudget.Place] {
        var places: [ConnectionBudget.Place] = []
        while places.count < limit {
            do { places.append(try budget.take(for: purpose)) } catch .busy { break }
        }
        return places
    }
}

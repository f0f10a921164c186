import InMemoryTracing
import NIOHTTP1
import Synchronization
import Testing
import Tracing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(5))) struct EngineObserverTests {
    private static let id = ContainerID(String(repeating: "a", count: 64))

    /// The observations of `body`.
    private final class Observed: Sendable {
        let tracer = InMemoryTracer()
        let calls = Mutex<[EngineCall]>([])

        /// The total time of the calls in the transport and in the engine.
        var inTransport: Duration { sum("transport") - inEngine }
        var inEngine: Duration { sum("engine") }

        private func sum(_ layer: String) -> Duration {
            tracer.finishedSpans.filter { $0.attributes["layer"]?.toSpanAttribute() == .string(layer) }
                .reduce(.zero) { sum, span in
                    sum
                        + .nanoseconds(
                            Int64(span.endInstant.nanosecondsSinceEpoch)
                                - Int64(span.startInstant.nanosecondsSinceEpoch)
                        )
                }
        }
    }

    /// Runs `body` with an engine that takes 100 ms to start a container and next to nothing to answer a ping.
    private func observed(
        _ body: @escaping @Sendable (Engine, ContainerID) async throws -> Void
    ) async throws -> Observed {
        let id = try #require(Self.id)
        let observed = Observed()
        let observer = EngineObserver(tracer: observed.tracer) { call in observed.calls.withLock { $0.append(call) } }
        try await StubEngine.withEngine(observer: observer) { request in
            if request.path.hasSuffix("/start") { try await Task.sleep(for: .milliseconds(100)) }
            return request.path.hasSuffix("/missing") ? .http(404, body: #"{"message":"no"}"#) : .http(204)
        } _: { engine, _ in
            for _ in 0..<5 { _ = try await engine.ping() }
            _ = observed.tracer.popFinishedSpans()
            observed.calls.withLock { $0 = [] }
            try await body(engine, id)
        }
        return observed
    }

    @Test func `The transport time is that of the shortest ping, and the rest is the engine's`() async throws {
        let observed = try await observed { engine, id in try await engine.startContainer(id) }
        #expect(observed.inEngine + observed.inTransport >= .milliseconds(100))
        #expect(observed.inTransport > .zero)
        #expect(observed.inTransport < observed.inEngine)
    }

    @Test func `The engine's span lies within the call's and is of its trace`() async throws {
        let observed = try await observed { engine, id in try await engine.startContainer(id) }
        let spans = observed.tracer.finishedSpans
        let call = try #require(spans.first { $0.operationName == "startContainer" })
        let engine = try #require(spans.first { $0.operationName == "dockerd" })
        #expect(call.startInstant.nanosecondsSinceEpoch <= engine.startInstant.nanosecondsSinceEpoch)
        #expect(engine.endInstant.nanosecondsSinceEpoch <= call.endInstant.nanosecondsSinceEpoch)
        #expect(engine.traceID == call.traceID)
        #expect(engine.parentSpanID == call.spanID)
    }

    @Test func `A call is reported with its method and its duration`() async throws {
        let observed = try await observed { engine, id in try await engine.startContainer(id) }
        let calls = observed.calls.withLock { $0 }
        #expect(calls.map(\.operation) == ["startContainer"])
        #expect(calls.allSatisfy { $0.took >= .milliseconds(100) && $0.error == nil })
    }

    @Test func `A call that the engine refuses is reported with its refusal`() async throws {
        let observed = try await observed { engine, _ in
            await #expect(throws: EngineError.self) {
                try await engine.send(.POST, "/missing", deadline: .seconds(5), operation: "missing(_:)")
            }
        }
        let calls = observed.calls.withLock { $0 }
        #expect(calls.map(\.operation) == ["missing"])
        #expect(calls.map(\.error) == [.status(404, message: "no")])
        #expect(observed.tracer.finishedSpans.contains { !$0.errors.isEmpty })
    }

    @Test func `A cancelled call is not reported`() async throws {
        let observed = try await observed { engine, id in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await engine.startContainer(id) }
                try? await Task.sleep(for: .milliseconds(20))
                group.cancelAll()
            }
        }
        #expect(observed.calls.withLock { $0.isEmpty })
    }

    @Test func `A stream is reported when its answer begins`() async throws {
        let observed = Observed()
        let observer = EngineObserver(tracer: observed.tracer) { call in observed.calls.withLock { $0.append(call) } }
        let event = #"{"Type":"container","Action":"die","Actor":{"ID":"a"},"timeNano":1}"# + "\n"
        try await StubEngine.withEngine(observer: observer) { _ in
            .chunked([event, event], pause: .milliseconds(200))
        } _: { engine, _ in
            let lines = try await engine.events(types: [])
            let took = observed.calls.withLock { $0.last { $0.operation == "events" }?.took }
            #expect(try #require(took) >= .milliseconds(200))
            for try await _ in lines {}
            #expect(observed.calls.withLock { $0.filter { $0.operation == "events" }.count } == 1)
        }
    }

    @Test func `The engine receives the id of the calling span`() async throws {
        let id = try #require(Self.id)
        let tracer = InMemoryTracer()
        try await StubEngine.withEngine(observer: EngineObserver(tracer: tracer) { _ in }) { _ in
            .http(204)
        } _: { engine, stub in
            try await engine.startContainer(id)
            let span = try #require(tracer.finishedSpans.first { $0.operationName == "startContainer" })
            #expect(stub.requests.last?.headers["in-memory-span-id"] == span.spanID)
        }
    }
}

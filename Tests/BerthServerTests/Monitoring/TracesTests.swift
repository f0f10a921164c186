import DockerEngine
import FakeEngine
import HTTPTypes
import JSON
import TestSupport
import Testing
import Tracing

@testable import Berth
@testable import BerthServer

/// The spans of requests.
@Suite(.timeLimit(.minutes(5))) struct TracesTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let caller = "00f067aa0ba902b7"

    /// The spans of one run that was started.
    private func spansOfRun(_ headers: HTTPFields = [:]) async throws -> (spans: [FinishedSpan], answer: Answer) {
        var result: (spans: [FinishedSpan], answer: Answer)?
        try await withFakeEngine(FakeEngineBehavior(actionDelay: .milliseconds(30)), exportsSpans: true) { client, _ in
            try await client.create("app")
            let queue = try #require(client.monitoring.tracer.queue)
            _ = queue.takeAll()
            let answer = try await client.send(.post, "/v1/apps/app/runs", headers: headers)
            #expect(answer.status == 201, "\(answer.body)")
            result = (queue.takeAll(), answer)
        }
        return try #require(result)
    }

    @Test func `A request's span contains those of its store and engine calls, and each engine call its engine span`()
        async throws
    {
        let (spans, answer) = try await spansOfRun()
        let request = try #require(spans.first { $0.kind == .server })
        #expect(request.name == "POST /v1/apps/{app}/runs")
        #expect(request.parent == nil)
        #expect(request.identity.trace.text == answer.headers[.requestID])
        #expect(Set(spans.map(\.identity.trace.text)).count == 1)
        let children = spans.filter { $0.parent == request.identity.span }
        #expect(
            Set(children.map(\.name)).isSuperset(of: ["recordIntents", "createContainer", "startContainer", "update"])
        )
        for call in children where ["createContainer", "startContainer"].contains(call.name) {
            let engine = try #require(spans.first { $0.parent == call.identity.span })
            #expect(engine.name == "dockerd")
            #expect(call.start <= engine.start && engine.end <= call.end)
        }
        let hosts = children.filter { $0.name.hasSuffix("Container") }.map {
            $0.attributes["berth.host"]?.toSpanAttribute()
        }
        #expect(!hosts.isEmpty && hosts.allSatisfy { $0 == .string("local") })
        for child in children { #expect(request.start <= child.start && child.end <= request.end) }
        #expect(Set(spans.map(\.identity.span)).count == spans.count)
    }

    @Test func `Server-Timing and the spans agree`() async throws {
        let (spans, answer) = try await spansOfRun()
        func sum(_ layer: String) -> Double {
            spans.filter { $0.attributes["layer"]?.toSpanAttribute() == .string(layer) }
                .reduce(0) { $0 + Double($1.end - $1.start) / 1_000_000 }
        }
        let header = try #require(answer.headers[.serverTiming])
        let layers = try Dictionary(
            uniqueKeysWithValues: header.split(separator: ", ").map { layer in
                let parts = layer.split(separator: ";dur=")
                return (String(parts[0]), try #require(Double(parts[1])))
            }
        )
        #expect(abs(try #require(layers["store"]) - sum("store")) < 0.002)
        #expect(abs(try #require(layers["engine"]) - sum("engine")) < 0.002)
        #expect(abs(try #require(layers["transport"]) - (sum("transport") - sum("engine"))) < 0.002)
        #expect(sum("transport") >= 30)
    }

    @Test func `A request that belongs to a trace continues it`() async throws {
        let (spans, answer) = try await spansOfRun([.traceParent: "00-\(Self.trace)-\(Self.caller)-01"])
        #expect(spans.allSatisfy { $0.identity.trace.text == Self.trace })
        #expect(spans.first { $0.kind == .server }?.parent?.hexadecimal == Self.caller)
        #expect(answer.headers[.requestID] == Self.trace)
    }

    @Test func `A trace that its caller does not sample is not exported`() async throws {
        let (spans, answer) = try await spansOfRun([.traceParent: "00-\(Self.trace)-\(Self.caller)-00"])
        #expect(spans.isEmpty)
        #expect(answer.headers[.serverTiming]?.contains("store;dur=0.000") == false)
    }

    @Test func `A request id that is a valid trace id is used as the trace id`() async throws {
        let (spans, _) = try await spansOfRun([.requestID: Self.trace])
        #expect(spans.allSatisfy { $0.identity.trace.text == Self.trace })
    }

    @Test func `The server's own operations have no spans`() async throws {
        try await withFakeEngine(exportsSpans: true) { client, _ in
            let queue = try #require(client.monitoring.tracer.queue)
            let engine = try await client.platform.hosts.all[0].connectedEngine()
            try await engine.ping()
            #expect(queue.takeAll().isEmpty)
        }
    }

    @Test func `Without an exporter no spans are kept, and requests are measured all the same`() async throws {
        try await withFakeEngine(FakeEngineBehavior(actionDelay: .milliseconds(30))) { client, _ in
            try await client.create("app")
            let answer = try await client.send(.post, "/v1/apps/app/runs")
            #expect(client.monitoring.tracer.queue == nil)
            #expect(answer.headers[.serverTiming]?.contains("store;dur=0.000") == false)
        }
    }

    @Test func `Spans over the queue's limit are dropped and counted`() {
        let registry = MetricRegistry()
        let queue = SpanQueue(registry)
        let tracer = RequestTracer(queue: queue)
        for _ in 0..<8200 { tracer.startSpan("GET", context: .topLevel, ofKind: .server).end() }
        #expect(queue.takeAll().count == 8192)
        #expect(
            registry.text(.prometheus, with: []).contains("berth_trace_spans_dropped_total{reason=\"queue_full\"} 8\n")
        )
    }
}

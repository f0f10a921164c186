import Foundation
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import BerthServer

/// Spans on their way to a collector.
@Suite(.timeLimit(.minutes(5))) struct SpanExporterTests {
    /// The spans that a collector gets, in OpenTelemetry's JSON.
    private struct Export: Decodable {
        struct Attribute: Decodable {
            struct Value: Decodable {
                let stringValue: String?
                let intValue: String?
                let boolValue: Bool?
            }

            let key: String
            let value: Value
        }

        struct Span: Decodable {
            struct Status: Decodable {
                let code: Int
                let message: String
            }

            let traceId: String
            let spanId: String
            let parentSpanId: String?
            let name: String
            let kind: Int
            let startTimeUnixNano: String
            let endTimeUnixNano: String
            let attributes: [Attribute]
            let status: Status?
        }

        struct Resource: Decodable { let attributes: [Attribute] }
        struct ScopeSpans: Decodable { let spans: [Span] }
        struct ResourceSpans: Decodable {
            let resource: Resource
            let scopeSpans: [ScopeSpans]
        }

        let resourceSpans: [ResourceSpans]
    }

    /// A collector that stores the spans it receives.
    private final class Collector: Sendable {
        private let exports = Mutex<[Export]>([])
        let status: HTTPResponse.Status

        init(status: HTTPResponse.Status = .ok) { self.status = status }

        var spans: [Export.Span] {
            exports.withLock { $0 }.flatMap(\.resourceSpans).flatMap(\.scopeSpans).flatMap(\.spans)
        }
        var resources: [Export.Attribute] {
            exports.withLock { $0 }.flatMap(\.resourceSpans).flatMap(\.resource.attributes)
        }

        /// Calls `body` with an exporter that sends spans here, and that has stopped when this returns.
        func whileExporting(
            _ body: @escaping @Sendable (RequestTracer, MetricRegistry) async throws -> Void
        ) async throws {
            let router = Router()
            router.post("/v1/traces") { request, _ in
                let body = try await request.body.collect(upTo: 1 << 22)
                #expect(request.headers[.contentType] == "application/json")
                let export = try JSONDecoder().decode(Export.self, from: Data(body.readableBytesView))
                self.exports.withLock { $0.append(export) }
                return Response(status: self.status)
            }
            try await Application(router: router).test(.live) { client in
                let registry = MetricRegistry()
                let queue = SpanQueue(registry)
                let exporter = SpanExporter(
                    queue: queue,
                    endpoint: try OTLPEndpoint("http://localhost:\(try #require(client.port))"),
                    instance: "this",
                    metrics: registry,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
                let group = ServiceGroup(services: [exporter], logger: exporter.logger)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    try await body(RequestTracer(queue: queue), registry)
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
        }
    }

    @Test func `A collector gets each span once, in OpenTelemetry's form`() async throws {
        let collector = Collector()
        try await collector.whileExporting { tracer, registry in
            let span = tracer.startSpan("GET /x", context: .topLevel, ofKind: .server)
            let child = tracer.startSpan("createApp", context: span.context, ofKind: .client)
            child.attributes["layer"] = "store"
            child.recordError(CancellationError())
            child.end()
            child.end()
            span.attributes["http.response.status_code"] = 500
            span.attributes["estimated"] = true
            span.end()
            try await eventually("both are there") { collector.spans.count == 2 }
            try await eventually("they are counted") {
                registry.text(.prometheus, with: []).contains("berth_trace_spans_exported_total 2\n")
            }
        }
        let parent = try #require(collector.spans.first { $0.kind == 2 })
        let child = try #require(collector.spans.first { $0.kind == 3 })
        #expect(parent.name == "GET /x" && child.name == "createApp")
        #expect(child.traceId == parent.traceId && child.parentSpanId == parent.spanId && parent.parentSpanId == nil)
        #expect(child.traceId.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        #expect(child.spanId.wholeMatch(of: /[0-9a-f]{16}/) != nil)
        #expect(child.status?.code == 2 && parent.status == nil)
        #expect(parent.attributes.first { $0.key == "http.response.status_code" }?.value.intValue == "500")
        #expect(parent.attributes.first { $0.key == "estimated" }?.value.boolValue == true)
        let (start, end) = try (#require(UInt64(parent.startTimeUnixNano)), #require(UInt64(parent.endTimeUnixNano)))
        #expect(start <= end && abs(Double(start) / 1e9 - Date().timeIntervalSince1970) < 60)
        let service = collector.resources.first { $0.key == "service.name" }
        #expect(service?.value.stringValue == "berth")
    }

    @Test func `Remaining spans are sent when the server stops`() async throws {
        let collector = Collector()
        try await collector.whileExporting { tracer, _ in
            for _ in 0..<1100 { tracer.startSpan("GET", context: .topLevel, ofKind: .server).end() }
        }
        #expect(collector.spans.count == 1100)
    }

    @Test func `Spans that a collector refuses are dropped and counted`() async throws {
        let collector = Collector(status: .serviceUnavailable)
        try await collector.whileExporting { tracer, registry in
            tracer.startSpan("GET", context: .topLevel, ofKind: .server).end()
            try await eventually("it is counted") {
                registry.text(.prometheus, with: [])
                    .contains("berth_trace_spans_dropped_total{reason=\"export_failed\"} 1\n")
            }
        }
        #expect(collector.spans.count == 1, "it was sent once")
    }

    @Test(arguments: [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"), ("http://c:1/", "http://c:1/v1/traces"),
        ("https://c.example.org/otlp", "https://c.example.org/otlp/v1/traces"),
        ("http://c/v1/traces", "http://c/v1/traces"),
    ])
    func `An endpoint is a collector's address`(_ text: String, _ url: String) throws {
        #expect(try OTLPEndpoint(text).url == url)
    }

    @Test(arguments: [
        "", "127.0.0.1:4318", "grpc://c:4317", "http://", "http://u:p@c", "http://c?x", "http://c#x", "file:///c",
    ])
    func `An invalid collector address is refused with an example`(_ text: String) {
        #expect {
            try OTLPEndpoint(text)
        } throws: { error in
            "\(error)".contains("--otlp-endpoint") && "\(error)".contains("http://127.0.0.1:4318")
        }
    }
}

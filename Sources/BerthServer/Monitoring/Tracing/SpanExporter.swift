import AsyncHTTPClient
import CoreMetrics
import JSON
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Sends spans to a collector once a second, as OTLP over HTTP in JSON.
///
/// Spans that the collector does not accept are dropped and counted: a slow collector delays no request and takes no
/// memory.
struct SpanExporter: Service {
    let queue: SpanQueue
    let endpoint: OTLPEndpoint
    /// Distinguishes this server's spans from those of other servers.
    let instance: String
    let metrics: any MetricsFactory
    let logger: Logger

    private static let interval = Duration.seconds(1)
    private static let batchSize = 512
    private static let timeout = TimeAmount.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isReached = true
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                guard !Task.isCancelled else { break }
                let outcome = await export(within: Self.timeout)
                if isReached, case .failed(let error) = outcome { warn(error) }
                switch outcome {
                case .taken: isReached = true
                case .failed: isReached = false
                case .nothing: break
                }
            }
        }
        _ = await export(within: .seconds(1))
    }

    private enum Outcome {
        case nothing
        case taken
        case failed(any Error)
    }

    private func export(within timeout: TimeAmount) async -> Outcome {
        let spans = queue.takeAll()
        var outcome = Outcome.nothing
        for start in stride(from: 0, to: spans.count, by: Self.batchSize) {
            let batch = spans[start..<min(start + Self.batchSize, spans.count)]
            do {
                try await send(batch, within: timeout)
                Counter(label: "berth_trace_spans_exported_total", factory: metrics).increment(by: batch.count)
                outcome = .taken
            } catch {
                Counter(
                    label: "berth_trace_spans_dropped_total",
                    dimensions: [("reason", "export_failed")],
                    factory: metrics
                ).increment(by: batch.count)
                outcome = .failed(error)
            }
        }
        return outcome
    }

    private func warn(_ error: any Error) {
        logger.warning(
            "Spans are dropped: the collector does not accept them. See berth_trace_spans_dropped_total.",
            metadata: ["error.message": "\(error)", "url.full": "\(endpoint)"]
        )
    }

    private func send(_ spans: ArraySlice<FinishedSpan>, within timeout: TimeAmount) async throws {
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: OTLPTraces(spans, instance: instance).json.encoded()))
        let response = try await HTTPClient.shared.execute(request, timeout: timeout)
        _ = try await response.body.collect(upTo: 64 << 10)
        guard response.status.code < 300 else { throw Refusal(status: Int(response.status.code)) }
    }

    private struct Refusal: Error, CustomStringConvertible {
        let status: Int

        var description: String { "it responded with \(status)" }
    }
}

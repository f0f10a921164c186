import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// What programs ask about the server itself.
struct SystemRoutes: Sendable {
    let platform: Platform
    /// Nil where nothing is counted.
    let registry: MetricRegistry?

    var routes: [Route] {
        [
            Route(.get, "/healthz", needs: .anyone, fromMemory: true) { _, _ in Response(.ok, body: Self.alive) },
            Route(.get, "/readyz", needs: .anyone, ready),
            Route(.get, "/metrics", needs: .view, fromMemory: true, metrics),
            Route(.get, "/v1/version", needs: .view) { _, _ in Response(.ok, Version.json) },
        ]
    }

    /// Asked for often, and always the same.
    private static let alive = ByteBuffer(string: #"{"status":"ok"}"# + "\n")

    /// Ready is who can take requests: with a database that is read and written, whatever the hosts do.
    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        async let reading: Void = platform.store.check()
        try await platform.store.checkWriting()
        try await reading
        return Response(.ok, ["status": "ready"])
    }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let registry else {
            throw Problem(.notFound, "no_metrics", "This server was started with --no-metrics.")
        }
        let format = MetricsText.Format(accept: request.headers[.accept])
        let text = registry.text(format, with: PlatformStates(platform: platform).all)
        return Response(
            status: .ok,
            headers: [.contentType: format.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}

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
            Route(.alive) { _, _ in Response(.ok, body: Self.alive) },
            Route(.ready, ready),
            Route(.metrics, metrics),
            Route(.version) { _, _ in Response(.ok, VersionJSON.current.json) },
        ]
    }

    /// Asked for often, and always the same.
    private static let alive = ByteBuffer(bytes: StatusJSON("ok").json.encoded() + [UInt8(ascii: "\n")])

    /// Ready is who can take requests: with a database that is read and written, whatever the hosts do.
    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        async let reading: Void = platform.store.check()
        try await platform.store.checkWriting()
        try await reading
        return Response(.ok, StatusJSON("ready").json)
    }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let registry else {
            throw Problem(.noMetrics, "This server was started with --no-metrics.")
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

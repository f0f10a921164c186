import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// Routes about the server itself.
struct SystemRoutes: Sendable {
    let platform: Platform
    /// Nil if metrics are disabled.
    let registry: MetricRegistry?
    /// Whether metrics need no token.
    let opensMetrics: Bool

    var routes: [Route] {
        [
            Route(.alive) { _, _ in Response(.ok, body: Self.alive) },
            Route(.ready, ready),
            Route(.metrics, metrics),
            Route(.version) { _, _ in Response(.ok, VersionJSON.current.json) },
        ]
    }

    /// Encoded once, since it is requested often and never changes.
    private static let alive = ByteBuffer(bytes: StatusJSON("ok").json.encoded() + [UInt8(ascii: "\n")])

    /// The server is ready if it can take requests: the database can be read and written; the hosts do not matter.
    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        async let reading: Void = platform.store.check()
        try await platform.store.checkWriting()
        try await reading
        return Response(.ok, StatusJSON("ready").json)
    }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        guard opensMetrics || context.principal.scope.isEverything else {
            throw Problem(
                .forbidden,
                "Metrics name all apps, so a token that is limited to some apps cannot read them."
            )
        }
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

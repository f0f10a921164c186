import Berth
import BerthAPI
import Hummingbird
import NIOCore

/// What programs ask about the server itself.
struct SystemRoutes: Sendable {
    let store: Store

    var routes: [Route] {
        [
            Route(.get, "/healthz", needs: .anyone, fromMemory: true) { _, _ in Response(.ok, body: Self.alive) },
            Route(.get, "/readyz", needs: .anyone, ready),
            Route(.get, "/v1/version", needs: .view) { _, _ in Response(.ok, Version.json) },
        ]
    }

    /// Asked for often, and always the same.
    private static let alive = ByteBuffer(string: #"{"status":"ok"}"# + "\n")

    /// Ready is who can take requests: with the database, whatever the hosts do.
    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        try await store.check()
        return Response(.ok, ["status": "ready"])
    }
}

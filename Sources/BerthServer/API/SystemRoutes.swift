import Berth
import BerthAPI
import Hummingbird

/// What programs ask about the server itself.
struct SystemRoutes: Sendable {
    let store: Store

    var routes: [Route] {
        [
            Route(.get, "/healthz", needs: .anyone) { _, _ in Response(.ok, ["status": "ok"]) },
            Route(.get, "/readyz", needs: .anyone, ready),
            Route(.get, "/v1/version", needs: .view) { _, _ in Response(.ok, Version.json) },
        ]
    }

    /// Ready is who can take requests: with the database, whatever the hosts do.
    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        try await store.check()
        return Response(.ok, ["status": "ready"])
    }
}

import HTTPTypes
import Testing

@testable import BerthServer

@Suite struct RouteTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient() }

    private static let allowed = [
        ("/apps", "GET, HEAD, POST"),
        ("/apps/web", "DELETE, GET, HEAD, PATCH, PUT"),
        ("/apps/run/web", "POST"),
        ("/apps/containers", "GET, HEAD"),
        ("/v1/apps", "GET, HEAD, POST"),
        ("/v1/apps/web", "DELETE, GET, HEAD, PATCH, PUT"),
        ("/v1/apps/web/releases", "GET, HEAD"),
        ("/v1/apps/web/releases/1", "GET, HEAD"),
        ("/v1/apps/web/rollback", "POST"),
        ("/v1/apps/web/runs", "POST"),
        ("/v1/runs", "GET, HEAD"),
        ("/v1/runs/web-aaaaaa", "DELETE, GET, HEAD"),
        ("/v1/runs/web-aaaaaa/stop", "POST"),
        ("/v1/runs/web-aaaaaa/start", "POST"),
        ("/v1/runs/web-aaaaaa/restart", "POST"),
        ("/v1/runs/web-aaaaaa/kill", "POST"),
        ("/v1/runs/web-aaaaaa/pause", "POST"),
        ("/v1/runs/web-aaaaaa/unpause", "POST"),
        ("/v1/runs/web-aaaaaa/stats", "GET, HEAD"),
        ("/v1/images/pull", "POST"),
        ("/v1/images/a", "DELETE"),
        ("/v1/runs/web-aaaaaa/exec", "POST"),
        ("/v1/exec/a", "DELETE, GET, HEAD"),
        ("/v1/exec/a/output", "GET, HEAD"),
        ("/v1/exec/a/input", "POST"),
        ("/v1/hosts/local/drain", "POST"),
        ("/v1/hosts/local/trust", "POST"),
        ("/v1/version", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
    ]

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    @Test func `A path with only one method names it in the answer to another`() async throws {
        let answer = try await client.send(.get, "/apps/run/web")
        try expectProblem(answer, 405, "method_not_allowed")
        #expect(try answer.text("detail") == "GET is not supported for this path. Use POST /apps/run/web.")
    }

    @Test(arguments: allowed, ["", "/"])
    func `A wrong method is answered with the allowed methods`(
        _ route: (path: String, allowed: String),
        _ slash: String
    ) async throws {
        let allowed = route.allowed.split(separator: ", ").map { String($0) }
        for method in Self.methods where !allowed.contains(method.rawValue) {
            let answer = try await client.send(method, route.path + slash)
            #expect(answer.status == 405, "\(method)")
            #expect(answer.allow == route.allowed, "\(method)")
            if method != .head { try expectProblem(answer, 405, "method_not_allowed") }
        }
        for method in Self.methods where allowed.contains(method.rawValue) {
            let answer = try await client.send(method, route.path + slash)
            #expect(answer.status != 405, "\(method)")
            #expect(answer.status < 500, "\(method)")
        }
    }

    @Test(arguments: [
        "/apps", "/apps/web", "/apps/containers", "/v1/apps", "/v1/apps/web", "/v1/apps/web/releases",
        "/v1/apps/web/releases/1", "/v1/runs", "/v1/hosts", "/v1/hosts/local", "/v1/version", "/healthz",
    ])
    func `HEAD equals GET without the body, and a final slash is ignored`(_ path: String) async throws {
        try await client.create("web")
        let get = try await client.send(.get, path)
        let head = try await client.send(.head, path)
        #expect(get.status == 200)
        #expect(head.status == 200)
        #expect(head.bytes.isEmpty)
        #expect(head.headers[.contentType] == get.headers[.contentType])
        let slashed = try await client.send(.get, path + "/")
        #expect(slashed.status == 200)
        #expect(slashed.body == get.body)
    }

    @Test func `The server answers that it is alive and ready, and its version`() async throws {
        #expect(try await client.send(.get, "/healthz").body == "{\"status\":\"ok\"}\n")
        #expect(try await client.send(.get, "/readyz").body == "{\"status\":\"ready\"}\n")
        #expect(try await client.send(.get, "/v1/version").text("api") == "v1")
    }
}

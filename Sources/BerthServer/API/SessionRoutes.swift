import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON

/// Routes for the sessions of browsers, which keep a cookie instead of a token.
struct SessionRoutes: Sendable {
    let tokens: Tokens

    var routes: [Route] {
        [Route(.beginSession, body: Self.token.schema, begin), Route(.endSession, end)]
    }

    private static let token = FieldDecoder<String>.object { body throws(FieldErrors) in
        try body.finish(body.required("token", .string(length: 1...200)))
    }

    @Sendable private func begin(_ request: Request, _ context: APIContext) async throws -> Response {
        let text = TokenText(try Self.token.read(await request.json(), .root))
        guard let session = try await tokens.beginSession(as: text) else { throw Problem.wrongToken }
        if let principal = tokens.principal(of: text) { AuditedRequest.current?.principal = principal }
        return response(cookie: BrowserCookie.set(session, isSecure: context.isSecure))
    }

    @Sendable private func end(_ request: Request, _ context: APIContext) async throws -> Response {
        if let session = request.browserSession { try await tokens.endSession(session) }
        return response(cookie: BrowserCookie.deletion)
    }

    private func response(cookie: String) -> Response {
        Response(status: .noContent, headers: [.setCookie: cookie, .cacheControl: "no-store"])
    }
}

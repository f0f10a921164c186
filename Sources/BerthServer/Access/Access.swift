import Berth
import BerthAPI
import HTTPTypes
import Hummingbird

/// Finds the sender of a request and checks what it may do; every route is behind it.
struct Access: Sendable {
    /// Whether clients need a token.
    enum Mode: Sendable {
        /// Every client needs a token.
        case tokens
        /// A client without a token is an administrator: `--no-auth`, or a Unix socket, whose file mode decides.
        case open
    }

    let mode: Mode
    let tokens: Tokens
    let sessions: ExecSessions
    /// Nil without limits.
    var limits: RateLimits?
    /// The ids of endpoints that need no token here, in addition to those that never do.
    var withoutToken: Set<String> = []

    /// Answers the request by its route, if its sender may call it.
    ///
    /// - Throws: `Problem` 401 and 429; ``SenderError`` with 403, `BerthError` for what the sender may not see, and what
    ///   `answer` throws.
    func serve(
        _ request: Request,
        _ context: APIContext,
        at endpoint: EndpointFacts,
        by answer: Route.Answer
    ) async throws -> Response {
        if endpoint.permission == .anyone || withoutToken.contains(endpoint.id) {
            try limits?.count(context.client)
            return try await answer(request, context)
        }
        var context = context
        do throws(Problem) {
            context.principal = try principal(of: request)
        } catch {
            try limits?.count(context.client)
            throw error
        }
        do {
            try limits?.count(context.principal)
            try checkScope(of: context)
            guard context.principal.role.allows(endpoint.permission) else {
                throw Problem.forbidden(context.principal, endpoint)
            }
            AuditedRequest.current?.principal = context.principal
            // Nothing needs to end a request that memory answers at once, and it is the most frequent kind.
            guard endpoint.takesTime else { return try await answer(request, context) }
            return try await serveOpen(request, context, by: answer)
        } catch {
            throw SenderError(error, of: context.principal)
        }
    }

    /// Answers the request, which ends when its token is revoked or expires.
    private func serveOpen(
        _ request: Request,
        _ context: APIContext,
        by answer: Route.Answer
    ) async throws -> Response {
        let open = try tokens.begin(by: context.principal) { [channel = context.channel] in
            channel.close(promise: nil)
        }
        defer { withExtendedLifetime(open) {} }
        var response = try await answer(request, context)
        if let open, response.body.contentLength == nil {
            response.body = ResponseBody { [body = response.body] writer in
                defer { withExtendedLifetime(open) {} }
                try await body.write(writer)
            }
        }
        return response
    }

    /// - Throws: `Problem` 401.
    private func principal(of request: Request) throws(Problem) -> Principal {
        if let authorization = request.headers[.authorization] {
            guard let token = Self.token(in: authorization) else {
                if mode == .open { return .local }
                throw .noToken
            }
            guard let principal = tokens.principal(of: token) else { throw .wrongToken }
            return principal
        }
        guard mode == .tokens else { return .local }
        guard let session = request.browserSession else { throw .noToken }
        guard let principal = tokens.principal(ofSession: session) else { throw .wrongSession }
        guard request.isFromOwnPage else { throw .foreignPage }
        return principal
    }

    /// The token in `Bearer berth_…`; nil for another scheme.
    private static func token(in authorization: String) -> TokenText? {
        let space = UInt8(ascii: " ")
        guard let end = authorization.utf8.firstIndex(of: space), authorization[..<end].lowercased() == "bearer" else {
            return nil
        }
        let token = authorization[end...].drop { $0 == " " }
        return token.utf8.contains(space) ? nil : TokenText(String(token))
    }

    /// Responds to names outside the sender's scope as if they did not exist.
    ///
    /// - Throws: ``OutsideScope``, and `BerthError` for a text that cannot be a name.
    private func checkScope(of context: APIContext) throws {
        let scope = context.principal.scope
        guard !scope.isEverything else { return }
        if context.parameters.get("app") != nil {
            let app = try context.appName()
            guard scope.contains(app) else { throw OutsideScope(error: .appNotFound(app)) }
        }
        if context.parameters.get("run") != nil {
            let run = try context.runName()
            guard scope.contains(run) else { throw OutsideScope(error: .runNotFound(run)) }
        }
        if let exec = context.parameters.get("exec") {
            guard scope.contains(try sessions.session(exec).run) else { throw OutsideScope(error: .execNotFound) }
        }
    }
}

/// An error of a request whose sender is known, for the audit log.
struct SenderError: Error {
    let principal: Principal
    /// What the sender gets.
    let cause: any Error
    /// Whether it says of something that the sender must not see that it does not exist.
    let isOutsideScope: Bool

    fileprivate init(_ error: any Error, of principal: Principal) {
        self.principal = principal
        let hidden = (error as? OutsideScope)?.error
        (cause, isOutsideScope) = (hidden ?? error, hidden != nil)
    }
}

/// What the sender must not see, as the error for what does not exist.
private struct OutsideScope: Error {
    let error: BerthError
}

extension Role {
    func allows(_ permission: Permission) -> Bool {
        switch permission {
        case .anyone, .view: true
        case .run, .edit: self != .viewer
        case .administer: self == .admin
        }
    }
}

extension Problem {
    static let wrongToken = Problem(
        .unauthenticated,
        "This token is unknown, was revoked or has expired. Ask an administrator for a new one.",
        headers: [.wwwAuthenticate: #"Bearer realm="berth", error="invalid_token""#]
    )

    fileprivate static let wrongSession = Problem(
        .unauthenticated,
        "This session has ended. Begin another one with a token: POST /v1/session.",
        headers: [.wwwAuthenticate: #"Bearer realm="berth""#]
    )

    fileprivate static let noToken = Problem(
        .unauthenticated,
        "Send a token: Authorization: Bearer berth_…. The first start of the server has written one to the file "
            + "admin-token in its state directory.",
        headers: [.wwwAuthenticate: #"Bearer realm="berth""#]
    )

    fileprivate static func forbidden(_ principal: Principal, _ endpoint: EndpointFacts) -> Problem {
        let needed = Role.allCases.first { $0.allows(endpoint.permission) } ?? .admin
        return Problem(
            .forbidden,
            "This needs the role \(needed.rawValue); the token \(principal.name) has the role "
                + "\(principal.role.rawValue)."
        )
    }

    fileprivate static let foreignPage = Problem(
        .crossOrigin,
        "A change with a session's cookie must come from this server's own pages. Programs send a token instead: "
            + "Authorization: Bearer berth_…."
    )
}

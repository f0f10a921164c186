import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import Tracing

/// An endpoint and the function that responds to it.
struct Route: Sendable {
    let endpoint: EndpointFacts
    /// The JSON Schema of the request's body; nil if it has none, or an empty one.
    let body: JSONValue?
    let answer: Answer

    typealias Answer = @Sendable (Request, APIContext) async throws -> Response

    init<Result>(_ endpoint: Endpoint<Result>, body: JSONValue? = nil, _ answer: @escaping Answer) {
        self.endpoint = endpoint.facts
        self.body = body
        self.answer = answer
    }

    var method: HTTPRequest.Method { HTTPRequest.Method(rawValue: endpoint.method.rawValue) ?? .get }
    var path: RouterPath { RouterPath(endpoint.path) }

    fileprivate func answer(
        _ request: Request,
        _ context: APIContext,
        _ idempotency: Idempotency
    ) async throws -> Response {
        // A request that only reads memory waits for no layer, and is the most frequent kind.
        guard endpoint.usesStore else { return try await answer(request, context) }
        return try await ServiceContext.withValue(context.span.context) {
            if endpoint.takesKey { return try await idempotency.answer(request, context, by: answer) }
            if method == .post, request.headers[.idempotencyKey] != nil { throw Problem.keyRefused }
            return try await answer(request, context)
        }
    }
}

extension Router<APIContext> {
    /// Adds the routes, and for every other method of their paths the response 405 with `Allow`.
    ///
    /// - Parameters:
    ///   - access: is asked before every route.
    ///   - idempotency: handles every `POST` before its route.
    func add(_ routes: [Route], access: Access, idempotency: Idempotency) {
        for route in routes {
            let parameters = route.endpoint.parameters.map(\.name)
            on(route.path, method: route.method) { request, context in
                try await access.serve(request, context, at: route.endpoint) { request, received in
                    try request.check(parameters: parameters)
                    var (request, context) = (request, received)
                    context.receivedBody = request.body
                    if route.method != .get, request.headers[.expect] != nil {
                        request.body = RequestBody(
                            asyncSequence: ContinuedBody(body: request.body, channel: context.channel)
                        )
                    }
                    return try await route.answer(request, context, idempotency)
                }
            }
        }
        for (path, routes) in Dictionary(grouping: routes, by: \.path.description) {
            let methods = routes.map(\.method)
            let allowed = (methods.contains(.get) ? methods + [.head] : methods).map(\.rawValue).sorted()
            for method in Self.methods where !allowed.contains(method.rawValue) {
                on(RouterPath(path), method: method) { request, _ -> Response in
                    throw Problem.methodNotAllowed(method, request.uri.path, allowed: allowed)
                }
            }
        }
    }

    private static var methods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
    }
}

extension Problem {
    fileprivate static let keyRefused = Problem(
        .invalidIdempotencyKey,
        "This request cannot be repeated without being executed again. Send it without an Idempotency-Key."
    )
}

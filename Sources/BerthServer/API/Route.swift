import HTTPTypes
import Hummingbird
import Tracing

/// What one has to be allowed in order to call a route.
///
/// Asked of nobody yet; stated for each route from the start.
enum Permission: String, Sendable {
    /// Nothing.
    case anyone
    /// To see apps, runs and hosts.
    case view
    /// To run apps.
    case run
    /// To make, change and delete apps.
    case edit
    /// To decide about hosts.
    case administer
}

/// One method of one path.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let path: RouterPath
    let right: Permission
    /// The query's parameters; any other is an error.
    let parameters: [String]
    /// Whether its answer needs neither the database nor an engine.
    let isFromMemory: Bool
    let answer: Answer

    typealias Answer = @Sendable (Request, APIContext) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        needs right: Permission,
        takes parameters: [String] = [],
        fromMemory isFromMemory: Bool = false,
        _ answer: @escaping Answer
    ) {
        self.method = method
        self.path = path
        self.right = right
        self.parameters = parameters
        self.isFromMemory = isFromMemory
        self.answer = answer
    }
}

extension Router<APIContext> {
    /// Adds the routes, and for every other method of their paths the answer 405 with `Allow`.
    ///
    /// - Parameter idempotency: through which each `POST` passes.
    func add(_ routes: [Route], idempotency: Idempotency) {
        for route in routes {
            on(route.path, method: route.method) { request, context in
                try request.check(parameters: route.parameters)
                var request = request
                if route.method != .get, request.headers[.expect] != nil {
                    request.body = RequestBody(
                        asyncSequence: ContinuedBody(body: request.body, channel: context.channel)
                    )
                }
                let sent = request
                // What only looks into memory waits for no layer, and is asked for most often.
                guard !route.isFromMemory else { return try await route.answer(sent, context) }
                return try await ServiceContext.withValue(context.span.context) {
                    guard route.method == .post else { return try await route.answer(sent, context) }
                    return try await idempotency.answer(sent, context, by: route.answer)
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

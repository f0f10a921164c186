import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import Tracing

/// Writes a row of the audit log for each change and for each refusal, before its response is sent.
///
/// It comes before all that may refuse a request. A new endpoint needs nothing for its rows.
struct Auditing: RouterMiddleware {
    typealias Context = APIContext

    let log: AuditLog
    /// By path and method.
    private let endpoints: [String: [String: EndpointFacts]]

    init(_ log: AuditLog, _ routes: [Route]) {
        self.log = log
        endpoints = routes.reduce(into: [:]) { endpoints, route in
            endpoints[route.path.description, default: [:]][route.endpoint.method.rawValue] = route.endpoint
        }
    }

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        // Of requests that only read, which are the most frequent, there is nothing to note unless they are refused.
        let audited = request.onlyReads ? nil : AuditedRequest()
        do {
            guard let audited else { return try await next(request, context) }
            let response = try await AuditedRequest.$current.withValue(audited) { try await next(request, context) }
            await record(Outcome(of: response), of: audited.principal, audited, request, context)
            return response
        } catch {
            let principal = (error as? SenderError)?.principal ?? .anonymous
            await record(Outcome(of: error), of: principal, audited, request, context)
            throw error
        }
    }

    private func record(
        _ outcome: Outcome,
        of principal: Principal,
        _ audited: AuditedRequest?,
        _ request: Request,
        _ context: APIContext
    ) async {
        let method = request.method == .head ? "GET" : request.method.rawValue
        let endpoint = context.endpointPath.flatMap { endpoints[$0]?[method] }
        guard outcome.result == .denied || endpoint?.isAudited == true else { return }
        let entry = AuditEntry(
            actor: principal.name,
            action: endpoint?.id ?? "none",
            target: endpoint.map { target(of: audited, at: $0, context, outcome) } ?? "",
            result: outcome.result,
            code: outcome.code,
            requestID: context.requestID,
            address: context.address
        )
        // The time of these transactions is the request's.
        await ServiceContext.withValue(context.span.context) {
            // A client without a token can cause any number of failures, so they are limited like refusals.
            guard outcome.result == .ok || outcome.result == .failed && principal != .anonymous else {
                return await log.recordRefusal(entry, isOncePerMinute: outcome.isTooMany)
            }
            await log.record(entry, waits: outcome.code != ProblemCode.storeUnavailable.rawValue)
        }
    }

    /// The names in the request's path, else in its body; then the name of what it has created.
    private func target(
        of audited: AuditedRequest?,
        at endpoint: EndpointFacts,
        _ context: APIContext,
        _ outcome: Outcome
    ) -> String {
        if let target = audited?.target { return target }
        let names = audited?.names ?? [:]
        let segments = endpoint.path.split(separator: "/").map(String.init).filter { $0 != "v1" }
        var named: [(kind: String, name: String)] = segments.filter { $0.hasPrefix("{") }.map { segment in
            let parameter = String(segment.dropFirst().dropLast())
            return (parameter, context.parameters.get(parameter) ?? "")
        }
        if named.isEmpty, let name = names["name"], let list = segments.last {
            named = [(singular(list), name)]
        } else if named.isEmpty {
            named = ["image", "host"].compactMap { kind in names[kind].map { (kind, $0) } }
        }
        let created = outcome.location?.split(separator: "/").suffix(2).map(String.init) ?? []
        if created.count == 2, !named.contains(where: { $0.kind == singular(created[0]) }) {
            named.append((singular(created[0]), created[1]))
        }
        // Such as `session`, of which there is one for each sender.
        guard !named.isEmpty else { return segments.joined(separator: " ") }
        return named.map { "\($0.kind) \($0.name)" }.joined(separator: " ")
    }

    /// The name for one element of a list in a path: `app` for `apps`.
    private func singular(_ list: String) -> String { list.hasSuffix("s") ? String(list.dropLast()) : list }
}

/// The result of a request, for the audit log.
private struct Outcome {
    var result = AuditEntry.Result.ok
    var code: String?
    /// The path of the created object.
    var location: String?
    /// Whether the status is 429.
    var isTooMany = false

    init(of response: Response) {
        if response.status.code >= 400 { result = .failed }
        // The first request with this key has a row of its own.
        if response.headers[.idempotencyReplayed] != nil { code = "replayed" }
        location = response.headers[.location]
    }

    init(of error: any Error) {
        let problem = Problem(error)
        code = problem.code.rawValue
        let status = problem.code.status
        isTooMany = status == 429
        let isOutsideScope = (error as? SenderError)?.isOutsideScope == true
        result = isOutsideScope || [401, 403, 421, 429].contains(status) ? .denied : .failed
    }
}

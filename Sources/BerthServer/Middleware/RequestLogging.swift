import Berth
import BerthAPI
import CoreMetrics
import HTTPTypes
import Hummingbird
import Logging
import Tracing

/// The outermost layer: gives each request its id and its span, converts every error to a problem, and counts and logs
/// every response.
struct RequestLogging: RouterMiddleware {
    typealias Context = APIContext

    let monitoring: Monitoring
    let security: SecurityHeaders
    let logger: Logger

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        begin(request, &context)
        monitoring.http?.inFlight.increment()
        var response: Response
        var problem: Problem?
        do {
            response = try await next(request, context)
        } catch {
            let thrown = Problem(error)
            problem = thrown
            response = thrown.response(requestID: context.requestID)
            // A body would be read as the beginning of the next response. RFC 9110, section 9.3.2.
            if request.method == .head { response = response.createHeadResponse() }
        }
        let took = ContinuousClock.now - start
        if took > Self.shortest, await context.channel.clientIsGone {
            problem = .clientIsGone
            response.status = Problem.clientIsGone.status
        }
        monitoring.http?.inFlight.decrement()
        monitoring.http?.answered(request.method, context.route, response.status, took: took)
        response.headers[.requestID] = context.requestID
        response.headers[.serverTiming] = context.span.layers.timing(total: took).field
        security.add(to: &response, for: request)
        end(context.span, request, response, context, problem)
        log(request, response, context, took: took, problem)
        return response
    }

    /// Requests shorter than this are not checked for a disconnected client, as the check costs a system call.
    private static let shortest = Duration.milliseconds(100)

    private func begin(_ request: Request, _ context: inout APIContext) {
        let caller = request.headers[.traceParent].flatMap { TraceParent($0) }
        let id = RequestID(request.headers[.requestID], caller: caller)
        context.requestID = id.text
        context.span = monitoring.tracer.startRequest(request.method.rawValue, of: caller, trace: id.trace)
    }

    private func end(
        _ span: RequestSpan,
        _ request: Request,
        _ response: Response,
        _ context: APIContext,
        _ problem: Problem?
    ) {
        guard span.isRecording else { return }
        if let route = context.route { span.operationName += " \(route)" }
        span.updateAttributes { attributes in
            attributes["http.request.method"] = request.method.rawValue
            attributes["url.path"] = request.uri.path
            attributes["http.route"] = context.route
            attributes["http.response.status_code"] = Int(response.status.code)
            attributes["berth.request_id"] = context.requestID
        }
        if response.status.code >= 500 {
            span.setStatus(SpanStatus(code: .error, message: problem?.cause ?? problem?.code.rawValue))
        }
        span.end()
    }

    private func log(
        _ request: Request,
        _ response: Response,
        _ context: APIContext,
        took: Duration,
        _ problem: Problem?
    ) {
        let level = Self.level(of: request, response)
        // Building the metadata takes longer than a response from memory.
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "event.category": ["web"],
            "event.dataset": "berth.access",
            "event.duration": .number(took.nanoseconds),
            "event.outcome": response.status.code < 400 ? "success" : "failure",
            "http.request.method": "\(request.method.rawValue)",
            "http.response.status_code": .number(response.status.code),
            "event.type": ["access"],
            "trace.id": "\(context.requestID)",
            "url.path": "\(request.uri.path)",
        ]
        if let bytes = response.body.contentLength { metadata["http.response.body.bytes"] = .number(bytes) }
        if let route = context.route { metadata["berth.route"] = "\(route)" }
        if let problem { metadata["error.code"] = "\(problem.code.rawValue)" }
        if let cause = problem?.cause { metadata["error.message"] = "\(cause)" }
        logger.log(level: level, "Answered.", metadata: metadata)
    }

    /// Requests that change something are logged at a higher level than those that only read.
    private static func level(of request: Request, _ response: Response) -> Logger.Level {
        switch response.status.code {
        case 500...: .error
        case 400...: .info
        default: request.onlyReads ? .debug : .info
        }
    }
}

extension APIContext {
    /// The pattern of the matching route; nil if there is none.
    fileprivate var route: String? { endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } }
}

extension Logger.MetadataValue {
    /// A number that is a number in JSON lines too.
    static func number(_ number: some BinaryInteger & Sendable & CustomStringConvertible) -> Self {
        .stringConvertible(number)
    }
}

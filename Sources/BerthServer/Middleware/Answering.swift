import Berth
import HTTPTypes
import Hummingbird
import Logging

/// The outermost layer: gives each request its id, turns every error into a problem, and logs what was answered.
struct Answering: RouterMiddleware {
    typealias Context = APIContext

    let logger: Logger

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestID(request.headers[.requestID]).text
        var response: Response
        var cause: String?
        do {
            response = try await next(request, context)
        } catch {
            let problem = Problem(error)
            cause = problem.cause
            response = problem.response(requestID: context.requestID)
        }
        let took = ContinuousClock.now - start
        response.headers[.requestID] = context.requestID
        response.headers[.serverTiming] = context.layers.timing(total: took).field
        log(request, response, context, took: took, cause: cause)
        return response
    }

    private func log(_ request: Request, _ response: Response, _ context: APIContext, took: Duration, cause: String?) {
        let level = Self.level(of: request, response)
        // To put the metadata together takes longer than to answer from memory.
        guard level >= logger.logLevel else { return }
        var duration = ""
        duration.appendMilliseconds(took)
        var metadata: Logger.Metadata = [
            "http.request.method": "\(request.method.rawValue)",
            "url.path": "\(request.uri.path)",
            "http.response.status_code": "\(response.status.code)",
            "trace.id": "\(context.requestID)",
            "event.duration_ms": "\(duration)",
        ]
        if let cause { metadata["error.message"] = "\(cause)" }
        logger.log(level: level, "Answered.", metadata: metadata)
    }

    /// What changes something is worth a line; that somebody looked is not.
    private static func level(of request: Request, _ response: Response) -> Logger.Level {
        switch response.status.code {
        case 500...: .error
        case 400...: .info
        default: request.method == .get || request.method == .head ? .debug : .info
        }
    }
}

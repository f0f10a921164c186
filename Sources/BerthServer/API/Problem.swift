import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import NIOHTTP1
import SQL

/// Why a request failed, in terms of HTTP.
struct Problem: Error, Sendable {
    let code: ProblemCode
    let detail: String
    var errors: [FieldError] = []
    var headers: HTTPFields = [:]
    /// The cause for the log, which the client must not see.
    var cause: String?

    init(
        _ code: ProblemCode,
        _ detail: String,
        errors: [FieldError] = [],
        headers: HTTPFields = [:],
        cause: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.cause = cause
    }

    /// Converts any error to a problem.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as SenderError: self.init(error.cause)
        case let error as BerthError: self.init(error)
        case let error as SQLError: self.init(error)
        case let error as FieldErrors: self.init(error)
        case let error as JSONSyntaxError:
            self.init(.malformedJSON, "The body is not valid JSON: \(error.description).")
        case is NIOTooManyBytesError: self = .tooLarge
        case let error as HTTPParserError: self.init(.malformedRequest, error.problem)
        case is ClientIsGone, is ChannelError, is IOError: self = .clientIsGone
        case is CancellationError: self = .serverStopping
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(.routeNotFound, "This path does not exist. docs/api.md lists all paths.")
        case is any HTTPResponseError:
            self.init(.badRequest, "The request is not valid. Check its path and headers.")
        default: self = .unexpected(error)
        }
    }

    static let tooLarge = Problem(.bodyTooLarge, "The body is too large; the limit is 1 MiB.")

    /// Appears in the log and the metrics only; the status is nginx's.
    static let clientIsGone = Problem(
        .clientClosedRequest,
        "The client closed its connection before it received the response."
    )

    static let serverStopping = Problem(
        .serverStopping,
        "The server is stopping. Try again when it is running again.",
        headers: [.retryAfter: "1", .connection: "close"]
    )

    private static func unexpected(_ error: any Error) -> Problem {
        Problem(
            .internalError,
            "Internal error in Berth. The server's log has the cause under this request_id.",
            cause: "\(error)"
        )
    }

    static func methodNotAllowed(_ method: HTTPRequest.Method, _ path: String, allowed: [String]) -> Problem {
        let only = allowed.count == 1 ? allowed.first.map { "\($0) \(path.prefix(200))" } : nil
        return Problem(
            .methodNotAllowed,
            "\(method.rawValue) is not supported for this path. Use \(only ?? allowed.joined(separator: ", ")).",
            headers: [.allow: allowed.joined(separator: ", ")]
        )
    }

    var status: HTTPResponse.Status {
        switch code {
        case .clientClosedRequest: HTTPResponse.Status(code: code.status, reasonPhrase: "Client Closed Request")
        case .storeFull: HTTPResponse.Status(code: code.status, reasonPhrase: "Insufficient Storage")
        default: HTTPResponse.Status(code: code.status)
        }
    }

    func json(requestID: String) -> ProblemJSON {
        var problem = ProblemJSON()
        problem.status = code.status
        problem.code = code.rawValue
        problem.detail = detail
        problem.requestID = requestID
        problem.errors = errors.isEmpty ? nil : errors
        return problem
    }

    func response(requestID: String) -> Response {
        var response = Response(status, json(requestID: requestID).json, mediaType: ProblemJSON.mediaType)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}

extension Problem {
    private init(_ error: SQLError) {
        switch error {
        case .full:
            self.init(
                .storeFull,
                "The disk of the server's database is full. Free some space there, or delete apps, and try again.",
                cause: "\(error)"
            )
        case .uniqueViolation, .foreignKeyViolation:
            self.init(
                .conflict,
                "Another request changed this at the same moment. Try again.",
                headers: [.retryAfter: "1"],
                cause: "\(error)"
            )
        case .checkViolation, .schemaConflict: self = .unexpected(error)
        case .unavailable, .damaged:
            self.init(
                .storeUnavailable,
                "The server cannot use its database at the moment. Try again. If it fails again, check the server's "
                    + "log.",
                headers: [.retryAfter: "5"],
                cause: "\(error)"
            )
        }
    }

    private init(_ error: FieldErrors) {
        let count = error.errors.count
        self.init(
            .invalidFields,
            count == 1
                ? "\(error.errors[0].pointer.isEmpty ? "The body" : "\(error.errors[0].pointer):") \(error.errors[0].detail)"
                : "The request has \(count) errors; the field errors lists them.",
            errors: error.errors
        )
    }
}

extension Response {
    init(_ status: HTTPResponse.Status, _ json: JSONValue, mediaType: String = "application/json") {
        self.init(
            status: status,
            headers: [.contentType: mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.encoded() + [UInt8(ascii: "\n")]))
        )
    }
}

import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import NIOHTTP1
import SQL

/// Why a request was not done, as HTTP says it.
struct Problem: Error, Sendable {
    let status: HTTPResponse.Status
    let code: String
    let detail: String
    var errors: [FieldError] = []
    var headers: HTTPFields = [:]
    /// What the client must not see and the log must.
    var cause: String?

    init(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ detail: String,
        errors: [FieldError] = [],
        headers: HTTPFields = [:],
        cause: String? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.cause = cause
    }

    /// What any error means to a client.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as BerthError: self.init(error)
        case let error as SQLError: self.init(error)
        case let error as FieldErrors: self.init(error)
        case let error as JSONSyntaxError:
            self.init(.badRequest, "malformed_json", "The body is not valid JSON: \(error.description).")
        case is NIOTooManyBytesError: self = .tooLarge
        case let error as HTTPParserError: self.init(.badRequest, "malformed_request", error.problem)
        case is ClientIsGone, is ChannelError, is IOError: self = .clientIsGone
        case is CancellationError: self = .serverStopping
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(.notFound, "route_not_found", "There is nothing at this path; docs/api.md lists what there is.")
        case let error as any HTTPResponseError:
            self.init(error.status, "bad_request", "The request cannot be read.")
        default:
            self.init(
                .internalServerError,
                "internal_error",
                "Something went wrong that should not. The server's log has it under this request id.",
                cause: "\(error)"
            )
        }
    }

    static let tooLarge = Problem(.contentTooLarge, "body_too_large", "A body has at most 1 MiB.")

    /// Only the log and the metrics get to see it; the status is nginx's.
    static let clientIsGone = Problem(
        HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"),
        "client_closed_request",
        "The client closed its connection before it got the response."
    )

    static let serverStopping = Problem(
        .serviceUnavailable,
        "server_stopping",
        "The server is being stopped. Ask again once it is back.",
        headers: [.retryAfter: "1", .connection: "close"]
    )

    static func methodNotAllowed(_ method: HTTPRequest.Method, _ path: String, allowed: [String]) -> Problem {
        let only = allowed.count == 1 ? allowed.first.map { "\($0) \(path.prefix(200))" } : nil
        return Problem(
            .methodNotAllowed,
            "method_not_allowed",
            "\(method.rawValue) is not possible here. Use \(only ?? allowed.joined(separator: ", ")).",
            headers: [.allow: allowed.joined(separator: ", ")]
        )
    }

    func response(requestID: String) -> Response {
        let problem = ProblemJSON(
            status: status.code,
            code: code,
            detail: detail,
            requestID: requestID,
            errors: errors
        )
        var response = Response(status, problem.json, mediaType: ProblemJSON.mediaType)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}

extension Problem {
    private init(_ error: BerthError) {
        var headers = HTTPFields()
        if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
        self.init(Self.status(of: error.code), error.code.rawValue, error.message, headers: headers)
    }

    private static func status(of code: BerthError.Code) -> HTTPResponse.Status {
        switch code {
        case .appNotFound, .releaseNotFound, .runNotFound, .hostNotFound: .notFound
        case .appExists, .appHasRunningContainers, .runStateConflict, .idempotencyInProgress, .nothingToTrust,
            .fingerprintMismatch:
            .conflict
        case .releaseChanged: .preconditionFailed
        case .invalidOverrides: .unprocessableContent
        case .engineError: .badGateway
        case .hostUnreachable, .hostBusy: .serviceUnavailable
        case .engineTimeout: .gatewayTimeout
        }
    }

    private init(_ error: SQLError) {
        switch error {
        case .full:
            self.init(
                HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
                "store_full",
                "The disk of the server's database is full. Make room there, or delete apps, and try again.",
                cause: "\(error)"
            )
        case .uniqueViolation, .foreignKeyViolation:
            self.init(
                .conflict,
                "conflict",
                "Somebody else changed this at the same moment. Try again.",
                headers: [.retryAfter: "1"],
                cause: "\(error)"
            )
        case .checkViolation, .schemaConflict:
            self.init(
                .internalServerError,
                "internal_error",
                "Something went wrong that should not. The server's log has it under this request id.",
                cause: "\(error)"
            )
        case .unavailable, .damaged:
            self.init(
                .serviceUnavailable,
                "store_unavailable",
                "The server cannot use its database right now. Try again.",
                headers: [.retryAfter: "5"],
                cause: "\(error)"
            )
        }
    }

    private init(_ error: FieldErrors) {
        let count = error.errors.count
        self.init(
            .unprocessableContent,
            "invalid_fields",
            count == 1
                ? "\(error.errors[0].pointer.isEmpty ? "The body" : "\(error.errors[0].pointer):") \(error.errors[0].detail)"
                : "\(count) things in the body are wrong; errors lists each.",
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

package import JSON

/// The definition of a route, shared by its server, its clients and its documents; it responds with an `Answer`.
package struct Endpoint<Answer: EndpointAnswer>: Sendable {
    package let facts: EndpointFacts

    init(
        _ id: String,
        _ method: EndpointFacts.Method,
        _ path: String,
        _ summary: String,
        needs permission: Permission,
        parameters: [Parameter] = [],
        body: EndpointFacts.Body = .none,
        status: Int...,
        usesStore: Bool = true,
        waits: Bool = false,
        hasEntityTag: Bool = false,
        takesKey: Bool = true,
        isAudited: Bool = true,
        problems: [ProblemCode] = []
    ) {
        facts = EndpointFacts(
            id: id,
            method: method,
            path: path,
            summary: summary,
            permission: permission,
            parameters: parameters,
            body: body,
            statuses: status.isEmpty ? [200] : status,
            usesStore: usesStore,
            takesTime: usesStore || waits,
            hasEntityTag: hasEntityTag,
            takesKey: takesKey && method == .post,
            isAudited: isAudited && method != .get,
            ownProblems: problems,
            answer: Answer.form
        )
    }
}

/// The properties of a route that do not depend on the type of its response.
package struct EndpointFacts: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package enum Body: Sendable {
        case none
        /// No body, or `{}`.
        case empty
        /// An object with these fields.
        case fields([String])
        /// An object with these fields and an app's settings.
        case settings([String])
        /// Any bytes, of any length.
        case bytes
    }

    /// Its name in documents and generated clients.
    package let id: String
    package let method: Method
    /// Variable parts are names in braces: `/v1/apps/{app}`.
    package let path: String
    /// What it does, in one sentence.
    package let summary: String
    package let permission: Permission
    /// Query parameters; any other is an error.
    package let parameters: [Parameter]
    package let body: Body
    /// The statuses of successful responses.
    package let statuses: [Int]
    /// Whether it needs the database or an engine; otherwise the response comes from memory.
    package let usesStore: Bool
    /// Whether a request may be in progress for a while: it uses the store or an engine, waits, or reads a stream.
    package let takesTime: Bool
    /// Whether its response has an `ETag`, or its request accepts one.
    package let hasEntityTag: Bool
    /// Whether a request may have an `Idempotency-Key`; a response that is a stream cannot be repeated.
    package let takesKey: Bool
    /// Whether each request is in the audit log; of any other route, those that are refused are.
    package let isAudited: Bool
    /// The problems specific to this route.
    let ownProblems: [ProblemCode]
    package let answer: EndpointAnswerForm

    /// Problems that any route may return.
    package static let commonProblems: [ProblemCode] = [
        .malformedRequest, .badRequest, .misdirectedRequest, .crossOrigin, .rateLimited, .invalidFields,
        .clientClosedRequest, .internalError, .serverStopping,
    ]

    /// All problems that it may return, in addition to ``commonProblems``.
    package var problems: [ProblemCode] {
        var problems = ownProblems
        if permission != .anyone { problems += [.unauthenticated, .forbidden] }
        if permission != .anyone, takesTime { problems.append(.tooManyRequests) }
        if method == .post { problems.append(.invalidIdempotencyKey) }
        if takesKey { problems += [.idempotencyInProgress, .idempotencyKeyReused] }
        switch body {
        case .none, .bytes: break
        case .empty, .fields, .settings: problems += [.malformedJSON, .bodyTooLarge, .unsupportedMediaType]
        }
        if hasEntityTag { problems.append(.invalidPrecondition) }
        if usesStore { problems.append(.storeUnavailable) }
        if usesStore, method != .get { problems += [.storeFull, .conflict] }
        return problems
    }

    /// The form of a successful response with this status.
    package func answer(at status: Int) -> EndpointAnswerForm {
        if case .byStatus(let forms) = answer { forms[status] ?? .none } else { answer }
    }

    /// The path and the query of a request, percent-encoded.
    ///
    /// - Parameter names: the value for each name in braces in the path.
    package func target(_ names: [String: String], _ query: KeyValuePairs<String, String>) -> String {
        let segments = path.split(separator: "/").map { segment in
            guard segment.hasPrefix("{") else { return String(segment) }
            return percentEncoded(names[String(segment.dropFirst().dropLast())] ?? "")
        }
        let parameters = query.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        return "/" + segments.joined(separator: "/") + (parameters.isEmpty ? "" : "?\(parameters)")
    }

    /// Whether `path`, as requested, belongs to this route.
    package func matches(path: Substring) -> Bool {
        let (own, asked) = (self.path.split(separator: "/"), path.split(separator: "/"))
        return own.count == asked.count && zip(own, asked).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

/// The response of an endpoint.
package protocol EndpointAnswer: Sendable {
    static var form: EndpointAnswerForm { get }
}

package indirect enum EndpointAnswerForm: Sendable {
    case byStatus([Int: EndpointAnswerForm])
    /// No body.
    case none
    /// - Parameter lines: the JSON Schema of the objects in JSON, in NDJSON and in the data of events; nil if there are
    ///   none.
    case text(mediaTypes: [String], lines: JSONValue? = nil)
    /// JSON, or NDJSON if the request's `Accept` asks for it.
    ///
    /// - Parameter lines: the JSON Schema of the objects in NDJSON.
    case jsonOrLines(EndpointAnswerForm, lines: JSONValue)
    /// - Parameters:
    ///   - schema: the JSON Schema of the body.
    ///   - readBack: decodes a body and encodes it again.
    case json(name: String, schema: JSONValue, readBack: @Sendable (JSONValue) throws(FieldErrors) -> JSONValue)
}

package enum NoBody: EndpointAnswer { package static var form: EndpointAnswerForm { .none } }
package enum MetricsBody: EndpointAnswer {
    package static var form: EndpointAnswerForm { .text(mediaTypes: ["text/plain", "application/openmetrics-text"]) }
}
package enum HTMLBody: EndpointAnswer {
    package static var form: EndpointAnswerForm { .text(mediaTypes: ["text/html"]) }
}
/// The output of a command as NDJSON, or a session.
package enum ExecBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .byStatus([
            200: .text(mediaTypes: ["application/x-ndjson"], lines: ExecOutputJSON.decoder.schema),
            201: ExecSessionJSON.form,
        ])
    }
}
/// The output of a session.
package enum ExecEventsBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .text(mediaTypes: ["text/event-stream"], lines: ExecOutputJSON.decoder.schema)
    }
}
/// Server-sent events.
package enum EventsBody: EndpointAnswer {
    package static var form: EndpointAnswerForm { .text(mediaTypes: ["text/event-stream"]) }
}
/// The output of containers: as text, as NDJSON or as server-sent events.
package enum LogBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .text(
            mediaTypes: ["text/plain", "application/x-ndjson", "text/event-stream"],
            lines: LogJSON.decoder.schema
        )
    }
}
/// The output of a run; none if nothing comes after the event with which a client resumes.
package enum RunLogBody: EndpointAnswer {
    package static var form: EndpointAnswerForm { .byStatus([200: LogBody.form, 204: .none]) }
}
/// The usage of a run: one object, or NDJSON.
package enum UsageBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .text(mediaTypes: ["application/json", "application/x-ndjson"], lines: UsageJSON.decoder.schema)
    }
}
/// The progress of a pull.
package enum PullBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .text(mediaTypes: ["application/x-ndjson"], lines: PullJSON.decoder.schema)
    }
}
/// The audit log: a page of it, or all.
package enum AuditBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .jsonOrLines(PageJSON<AuditRowJSON>.form, lines: AuditRowJSON.decoder.schema)
    }
}
package enum OpenAPIBody: EndpointAnswer {
    package static var form: EndpointAnswerForm {
        .json(name: "OpenAPI document", schema: ["type": "object"]) { json throws(FieldErrors) in json }
    }
}

/// A response in JSON.
package protocol JSONAnswer: EndpointAnswer, JSONRepresentable {
    static var name: String { get }
    static var decoder: FieldDecoder<Self> { get }
}

extension JSONAnswer {
    package static var form: EndpointAnswerForm {
        .json(name: name, schema: decoder.schema) { json throws(FieldErrors) in try decoder.read(json, .root).json }
    }
}

extension AppJSON: JSONAnswer { package static var name: String { "app" } }
extension ReleaseJSON: JSONAnswer { package static var name: String { "release" } }
extension RunJSON: JSONAnswer { package static var name: String { "run" } }
extension StartedRunsJSON: JSONAnswer { package static var name: String { "started runs" } }
extension ExecSessionJSON: JSONAnswer { package static var name: String { "session" } }
extension ImageJSON: JSONAnswer { package static var name: String { "image" } }
extension PrunedImagesJSON: JSONAnswer { package static var name: String { "pruned images" } }
extension HostJSON: JSONAnswer { package static var name: String { "host" } }
extension ShortAppJSON: JSONAnswer { package static var name: String { "short app" } }
extension ContainerJSON: JSONAnswer { package static var name: String { "container" } }
extension SecretJSON: JSONAnswer { package static var name: String { "secret" } }
extension RegistryJSON: JSONAnswer { package static var name: String { "registry login" } }
extension TokenJSON: JSONAnswer { package static var name: String { "token" } }
extension PrincipalJSON: JSONAnswer { package static var name: String { "principal" } }
extension PolicyJSON: JSONAnswer { package static var name: String { "policy" } }
extension AuditRowJSON: JSONAnswer { package static var name: String { "audit row" } }
extension VersionJSON: JSONAnswer { package static var name: String { "version" } }
extension StatusJSON: JSONAnswer { package static var name: String { "status" } }

extension PageJSON: EndpointAnswer, JSONAnswer where Item: JSONAnswer {
    package static var name: String { "list of \(Item.name)s" }
}

extension Array: EndpointAnswer, JSONAnswer where Element: JSONAnswer {
    package static var name: String { "array of \(Element.name)s" }
    package static var decoder: FieldDecoder<[Element]> { .list(of: Element.decoder, count: 0 ... .max) }
}

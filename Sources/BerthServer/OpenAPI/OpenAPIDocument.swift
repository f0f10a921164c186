import Berth
import BerthAPI
import HTTPTypes
import JSON

/// The API as an OpenAPI 3.1 document, made from its routes.
///
/// Source: the OpenAPI Specification, version 3.1.1.
struct OpenAPIDocument {
    private(set) var json: JSONValue = .null
    private var schemas = JSONObject()

    init(_ routes: [Route]) {
        var paths = JSONObject()
        for route in routes {
            let endpoint = route.endpoint
            var operations: JSONObject = if case .object(let present) = paths[endpoint.path] { present } else { [:] }
            operations.set(endpoint.method.rawValue.lowercased(), to: operation(route))
            paths.set(endpoint.path, to: .object(operations))
        }
        for content in APIEvent.contents { _ = reference(content.schema) }
        addSettings(to: "App")
        addSettings(to: "Release")
        for (title, example) in Self.examples {
            guard case .object(var schema) = schemas[title] else { continue }
            schema.set("examples", to: [example])
            schemas.set(title, to: .object(schema))
        }
        json = [
            "openapi": "3.1.1",
            "info": [
                "title": "Berth", "version": .string(Version.current),
                "summary": "Run containers on Docker hosts that are reached over SSH.",
            ],
            "servers": [["url": "/"]],
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas), "headers": Self.headers, "securitySchemes": Self.securitySchemes,
            ],
        ]
    }

    /// The settings of an app are members of these objects, beside their own fields.
    private mutating func addSettings(to title: String) {
        guard case .object(var schema) = schemas[title], case .object(var properties) = schema["properties"],
            case .array(var required) = schema["required"]
        else { return }
        for setting in AppSettings.all {
            properties.set(setting.name, to: reference(setting.encodedSchema))
            required.append(.string(setting.name))
        }
        schema.set("properties", to: .object(properties))
        schema.set("required", to: .array(required))
        schemas.set(title, to: .object(schema))
    }
}

extension OpenAPIDocument {
    private mutating func operation(_ route: Route) -> JSONValue {
        let endpoint = route.endpoint
        var operation: JSONObject = [
            "operationId": .string(endpoint.id), "summary": .string(endpoint.summary), "tags": [.string(tag(endpoint))],
        ]
        let parameters =
            endpoint.pathParameters.map { Self.parameter($0, in: "path") }
            + endpoint.parameters.map { Self.parameter($0, in: "query") } + Self.headers(endpoint)
        if !parameters.isEmpty { operation.set("parameters", to: .array(parameters)) }
        if let body = requestBody(route) { operation.set("requestBody", to: body) }
        operation.set("responses", to: responses(endpoint))
        operation.set("security", to: endpoint.permission == .anyone ? [] : [["bearer": []], ["session": []]])
        return .object(operation)
    }

    private func tag(_ endpoint: EndpointFacts) -> String {
        let words = endpoint.path.split(separator: "/").map(String.init)
        guard words.first == "v1" else { return words.first == "apps" ? "short form" : "server" }
        if words.contains("runs") || words[1] == "exec" { return "runs" }
        if ["tokens", "session", "me"].contains(words[1]) { return "access" }
        return words[1] == "version" ? "server" : words[1]
    }

    private static func parameter(_ parameter: Parameter, in place: String) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(place), "required": .bool(place == "path"),
            "description": .string(parameter.summary), "schema": parameter.schema,
        ]
    }

    private static func headers(_ endpoint: EndpointFacts) -> [JSONValue] {
        let text: JSONValue = ["type": "string"]
        var headers: [(name: String, summary: String, schema: JSONValue)] = []
        if endpoint.hasEntityTag, endpoint.method == .get {
            headers.append(("If-None-Match", "The `ETag` of an earlier response, which is not sent again: 304.", text))
        } else if endpoint.hasEntityTag, endpoint.path.contains("{app}") {
            headers.append(("If-Match", "The `ETag` that the app must have; otherwise 412.", text))
        }
        if endpoint.takesKey {
            headers.append(
                (
                    "Idempotency-Key", "A new key for each request; a repetition gets the first request's response.",
                    ["type": "string", "pattern": "^[!-~]{1,255}$"]
                )
            )
        }
        if case .text(let mediaTypes, _) = endpoint.answer, mediaTypes.contains("text/event-stream") {
            headers.append(
                ("Last-Event-ID", "The id of the last event that was received; the stream continues after it.", text)
            )
        }
        return headers.map { header in
            [
                "name": .string(header.name), "in": "header", "required": false,
                "description": .string(header.summary), "schema": header.schema,
            ]
        }
    }

    private mutating func requestBody(_ route: Route) -> JSONValue? {
        let endpoint = route.endpoint
        switch endpoint.body {
        case .none: return nil
        case .bytes: return ["required": false, "content": ["application/octet-stream": ["schema": Self.bytes]]]
        case .empty, .fields, .settings: break
        }
        let schema = route.body ?? ["type": "object", "maxProperties": 0]
        let isRequired = endpoint.method == .patch || schema.member("required") != nil
        let mediaType = endpoint.method == .patch ? "application/merge-patch+json" : "application/json"
        let content: JSONValue = [mediaType: ["schema": reference(schema)]]
        return ["required": .bool(isRequired), "content": content]
    }

    private static let bytes: JSONValue = ["type": "string", "format": "binary"]

    private mutating func responses(_ endpoint: EndpointFacts) -> JSONValue {
        var responses = JSONObject()
        for status in endpoint.statuses {
            var response: JSONObject = [
                "description": .string(HTTPResponse.Status(code: status).reasonPhrase),
                "headers": Self.responseHeaders(endpoint, status),
            ]
            if status != 304, let content = content(endpoint.answer(at: status)) {
                response.set("content", to: content)
            }
            responses.set("\(status)", to: .object(response))
        }
        // A path whose variable part is empty or has a slash leads nowhere.
        let ofPath: [ProblemCode] = endpoint.pathParameters.isEmpty ? [] : [.routeNotFound]
        let problems = (EndpointFacts.commonProblems + endpoint.problems + ofPath).filter { $0 != .clientClosedRequest }
        for (status, codes) in Dictionary(grouping: problems, by: \.status).sorted(by: { $0.key < $1.key }) {
            responses.set("\(status)", to: problem(status, codes))
        }
        return .object(responses)
    }

    private mutating func content(_ answer: EndpointAnswerForm) -> JSONValue? {
        switch answer {
        case .none, .byStatus: nil
        case .json(_, let schema, _): ["application/json": ["schema": reference(schema)]]
        case .jsonOrLines(let json, let lines): content(json, lines)
        case .text(let mediaTypes, let lines):
            .object(mediaTypes) { mediaType in
                // Some tools take the stream for a text, others for a list of events.
                guard mediaType != "text/event-stream" else { return ["schema": [:]] }
                guard let lines, mediaType.hasSuffix("json") else { return ["schema": ["type": "string"]] }
                return ["schema": reference(lines)]
            }
        }
    }

    /// The content of JSON, with NDJSON as the alternative.
    private mutating func content(_ json: EndpointAnswerForm, _ lines: JSONValue) -> JSONValue? {
        guard case .object(var content) = content(json) else { return nil }
        content.set("application/x-ndjson", to: ["schema": reference(lines)])
        return .object(content)
    }

    // The properties beside the reference are for validators. Generators of clients ignore them, and use one type for
    // all problems; from an `allOf` they would make a type for each response.
    private mutating func problem(_ status: Int, _ codes: [ProblemCode]) -> JSONValue {
        guard case .object(var schema) = reference(ProblemJSON.decoder.schema) else { return .null }
        schema.set(
            "properties",
            to: [
                "status": ["const": JSONValue(status)],
                "code": ["enum": .array(codes.map { .string($0.rawValue) })],
            ]
        )
        return [
            "description": .string(codes.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
            "content": [ProblemJSON.mediaType: ["schema": .object(schema)]],
        ]
    }

    private static func responseHeaders(_ endpoint: EndpointFacts, _ status: Int) -> JSONValue {
        var names = ["X-Request-Id", "Server-Timing"]
        if endpoint.hasEntityTag, status != 204 { names.append("ETag") }
        if status == 201 { names.append("Location") }
        return .object(names) { ["$ref": "#/components/headers/\($0)"] }
    }

    private static let headers: JSONValue = [
        "X-Request-Id": [
            "description": "The request's id in the server's log.", "required": true, "schema": ["type": "string"],
        ],
        "Server-Timing": [
            "description":
                "The milliseconds that were spent in the database, the transport and the engine, and in total.",
            "required": true, "schema": ["type": "string"],
        ],
        "ETag": ["description": "The version, for `If-Match` and `If-None-Match`.", "schema": ["type": "string"]],
        "Location": [
            "description": "The path of what was created; absent if there are several.", "schema": ["type": "string"],
        ],
    ]

    private static let securitySchemes: JSONValue = [
        "bearer": ["type": "http", "scheme": "bearer", "description": "A token: `berth_…`."],
        "session": [
            "type": "apiKey", "in": "cookie", "name": .string(BrowserCookie.name),
            "description": "The session of a browser, from `POST /v1/session`.",
        ],
    ]

    /// The schema with each one that has a title moved to the components, and a reference in its place.
    private mutating func reference(_ schema: JSONValue) -> JSONValue {
        switch schema {
        case .array(let schemas): return .array(schemas.map { reference($0) })
        case .object(let object):
            var moved = JSONObject()
            for member in object.members { moved.set(member.name, to: reference(member.value)) }
            guard case .string(let title) = object["title"], object["type"] == "object" else { return .object(moved) }
            if schemas[title] == nil { schemas.set(title, to: .object(moved)) }
            return ["$ref": "#/components/schemas/\(title)"]
        default: return schema
        }
    }
}

extension JSONValue {
    /// An object with these members.
    fileprivate static func object(_ names: [String], value: (String) -> JSONValue) -> JSONValue {
        var object = JSONObject()
        for name in names { object.set(name, to: value(name)) }
        return .object(object)
    }

    /// The member of an object; nil if there is none.
    func member(_ name: String) -> JSONValue? { if case .object(let object) = self { object[name] } else { nil } }

    /// The schema of a merge patch (RFC 7396) of what this schema describes: no member is required, and null removes one.
    func patch(title: String) -> JSONValue {
        guard case .object(var patch) = patch else { return self }
        patch.set("title", to: .string(title))
        return .object(patch)
    }

    private var patch: JSONValue {
        guard case .object(let schema) = self else { return self }
        var patch = JSONObject()
        for member in schema.members {
            switch (member.name, member.value) {
            case ("required", _): continue
            case ("oneOf", .array(let schemas)): patch.set("oneOf", to: .array(schemas.map(\.patch)))
            case ("properties", .object(let properties)):
                patch.set(
                    "properties",
                    to: .object(properties.members.map(\.name)) { properties[$0]?.patch.orNull ?? [:] }
                )
            case ("additionalProperties", .object): patch.set(member.name, to: member.value.patch.orNull)
            default: patch.set(member.name, to: member.value)
            }
        }
        return .object(patch)
    }
}

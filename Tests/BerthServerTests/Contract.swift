import BerthAPI
import HTTPTypes
import JSON
import Synchronization
import Testing

@testable import BerthServer

/// Compares an answer of a route with its ``EndpointFacts``, and with the OpenAPI document.
enum Contract {
    private static let known = Mutex<JSONValue?>(nil)

    /// The OpenAPI document, which is made once.
    static func document(_ make: () -> JSONValue) -> JSONValue {
        known.withLock { known in
            let document = known ?? make()
            known = document
            return document
        }
    }

    /// Fails if the answer has another status, body or problem code than its endpoint and the document list.
    static func check(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ answer: Answer,
        in document: JSONValue
    ) throws {
        guard !answer.bytes.isEmpty, method != .head else { return }
        let path = path.prefix { $0 != "?" }
        let endpoints = EndpointFacts.all.filter { $0.matches(path: path) }
        // A word takes precedence over a name: `/apps/containers` over `/apps/{app}`.
        let literal = endpoints.filter { !$0.path.split(separator: "/").contains { $0.hasPrefix("{") } }
        let endpoint = (literal.isEmpty ? endpoints : literal).first { $0.method.rawValue == method.rawValue }
        // No client sees the problem of one that has left.
        if let endpoint, answer.status != ProblemCode.clientClosedRequest.status {
            let complaints = try complaints(about: answer, of: endpoint, in: document)
            #expect(complaints.isEmpty, "\(method) \(path): \(answer.body)")
        }
        if answer.headers[.contentType] == ProblemJSON.mediaType {
            try checkProblem(of: endpoint, method, path, answer)
        } else {
            let endpoint = try #require(endpoint, "\(method) \(path) is answered and is no endpoint")
            #expect(endpoint.statuses.contains(answer.status), "\(method) \(path)")
            var form = endpoint.answer(at: answer.status)
            if case .jsonOrLines(let json, _) = form, answer.headers[.contentType] == "application/json" { form = json }
            guard case .json(let name, _, let readBack) = form else { return }
            let json = try JSONReader.parse(answer.bytes)
            #expect(try readBack(json).text == json.text, "\(method) \(path) is read back as \(name)")
        }
    }

    /// What the answer has that the document does not describe.
    private static func complaints(
        about answer: Answer,
        of endpoint: EndpointFacts,
        in document: JSONValue
    ) throws -> [String] {
        let operation = document.member("paths")?.member(endpoint.path)?.member(endpoint.method.rawValue.lowercased())
        let responses = try #require(operation?.member("responses"), "\(endpoint.path)")
        guard let response = responses.member("\(answer.status)") else { return ["no status \(answer.status)"] }
        let mediaType = answer.headers[.contentType]?.prefix { $0 != ";" } ?? ""
        guard let content = response.member("content")?.member(String(mediaType)) else {
            return ["no content \(mediaType) of \(answer.status)"]
        }
        guard mediaType.hasSuffix("json"), let schema = content.member("schema") else { return [] }
        let lines =
            mediaType.hasSuffix("ndjson") ? answer.bytes.split(separator: UInt8(ascii: "\n")) : [answer.bytes[...]]
        return try lines.flatMap { line in
            JSONSchema(document: document).complaints(about: try JSONReader.parse(line), schema)
        }
    }

    private static func checkProblem(
        of endpoint: EndpointFacts?,
        _ method: HTTPRequest.Method,
        _ path: Substring,
        _ answer: Answer
    ) throws {
        let json = try JSONReader.parse(answer.bytes)
        let problem = try ProblemJSON(json)
        #expect(problem.json.text == json.text)
        let code = try #require(ProblemCode(rawValue: problem.code), "\(problem.code)")
        #expect(code.status == answer.status)
        let own = (endpoint?.problems ?? []) + [.routeNotFound, .methodNotAllowed]
        let isKnown = (EndpointFacts.commonProblems + own).contains(code)
        #expect(isKnown, "\(method) \(path) is answered with \(code), of which its endpoint does not know")
    }
}

import BerthAPI
import HTTPTypes
import JSON
import Testing

@testable import BerthServer

/// Compares an answer of a route with its ``EndpointFacts``.
enum Contract {
    /// Fails if the answer has another status, body or problem code than its endpoint lists.
    static func check(_ method: HTTPRequest.Method, _ path: String, _ answer: Answer) throws {
        guard !answer.bytes.isEmpty, method != .head else { return }
        let path = path.prefix { $0 != "?" }
        let endpoints = EndpointFacts.all.filter { $0.matches(path: path) }
        // A word takes precedence over a name: `/apps/containers` over `/apps/{app}`.
        let literal = endpoints.filter { !$0.path.split(separator: "/").contains { $0.hasPrefix("{") } }
        let endpoint = (literal.isEmpty ? endpoints : literal).first { $0.method.rawValue == method.rawValue }
        if answer.headers[.contentType] == ProblemJSON.mediaType {
            try checkProblem(of: endpoint, method, path, answer)
        } else {
            let endpoint = try #require(endpoint, "\(method) \(path) is answered and is no endpoint")
            #expect(endpoint.statuses.contains(answer.status), "\(method) \(path)")
            guard case .json(let name, let readBack) = endpoint.answer else { return }
            let json = try JSONReader.parse(answer.bytes)
            #expect(try readBack(json).text == json.text, "\(method) \(path) is read back as \(name)")
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

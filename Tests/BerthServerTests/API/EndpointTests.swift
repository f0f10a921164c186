import Berth
import BerthAPI
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Testing

@testable import BerthServer

@Suite struct EndpointTests {
    private let document: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        document = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
    }

    @Test func `Each endpoint is served, and nothing else`() async throws {
        let client = try await RouterClient()
        for endpoint in EndpointFacts.all {
            let path = endpoint.path.replacing("{app}", with: "web").replacing("{run}", with: "web-aaaaaa")
                .replacing("{host}", with: "local").replacing("{release}", with: "1").replacing("{image}", with: "a")
                .replacing("{exec}", with: "1").replacing("{token}", with: "a").replacing("{secret}", with: "A")
                .replacing("{server}", with: "a.b")
            // These two check whether the client is still connected, which needs a connection.
            guard endpoint.path != "/v1/events", !endpoint.path.hasSuffix("/wait") else { continue }
            // These two wait for the first attempt to connect to the host, and nothing connects it here.
            guard endpoint.path != "/v1/images", endpoint.path != "/v1/images/prune" else { continue }
            let answer = try await client.send(.init(rawValue: endpoint.method.rawValue) ?? .get, path)
            #expect(answer.status != 405)
            #expect(answer.status != 404 || !answer.body.contains("route_not_found"), "\(endpoint.path)")
        }
    }

    @Test func `The contract has the same actions as runs`() {
        #expect(Endpoint.actions == RunAction.allCases.map(\.rawValue))
    }

    @Test func `A request is built from a path, names and parameters`() {
        let release = Endpoint.release.facts.target(["app": "a b", "release": "3"], [:])
        #expect(release == "/v1/apps/a%20b/releases/3")
        #expect(Endpoint.runs.facts.target([:], ["app": "é", "limit": "5"]) == "/v1/runs?app=%C3%A9&limit=5")
    }

    @Test func `A host that waits for the approval of its key says how to give it`() throws {
        let error = BerthError.hostNotConnected(
            try HostName("far"),
            reason: "Its key is unknown.",
            awaitsApproval: true,
            secondsToNextAttempt: 10
        )
        #expect(Problem(error).detail.contains("POST /v1/hosts/far/trust"))
        #expect(Problem(error).headers[.retryAfter] == "10")
    }

    @Test func `The table of routes in the documents matches the code`() throws {
        let rows = EndpointFacts.all.map { endpoint in
            let problems = endpoint.problems.map { "`\($0.rawValue)`" }.joined(separator: " ")
            let parameters = endpoint.parameters.map { "`\($0.name)`" }.joined(separator: " ")
            return
                "| `\(endpoint.method.rawValue) \(endpoint.path)` | \(endpoint.permission.rawValue) | \(parameters) | \(body(of: endpoint)) | \(answer(of: endpoint)) | \(problems) |"
        }
        let common = EndpointFacts.commonProblems.map { "`\($0.rawValue)`" }.joined(separator: " ")
        #expect(document.contains("\n\(common). "))
        #expect(try self.rows(under: "| route | permission | parameters | body | answer | problem codes |") == rows)
    }

    @Test func `The table of problem codes in the documents has each code with its status`() throws {
        let rows = try rows(under: "| status | `code` | what to do |")
        let documented = rows.flatMap { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return cells[1].split(separator: " ").map { "\(cells[0]) \($0.filter { $0 != "`" })" }
        }
        #expect(Set(documented) == Set(ProblemCode.allCases.map { "\($0.status) \($0.rawValue)" }))
        #expect(documented.count == ProblemCode.allCases.count)
    }

    @Test func `The tables of fields in the documents match the code`() throws {
        let expected = [
            row("run", RunJSON.fields), row("port of a run", PortJSON.fields),
            row("started runs", StartedRunsJSON.fields), row("error of a start", StartErrorJSON.fields),
            row("app", AppJSON.fields), row("release", ReleaseJSON.fields), row("session", ExecSessionJSON.fields),
            row("usage", UsageJSON.fields),
            row("network of a usage", NetworkUsageJSON.fields), row("block of a usage", BlockUsageJSON.fields),
            row("image", ImageJSON.fields), row("line of a pull", PullJSON.fields),
            row("pruned images", PrunedImagesJSON.fields), row("removed image", RemovedImageJSON.fields),
            row("secret", SecretJSON.fields), row("registry login", RegistryJSON.fields),
            row("host", HostJSON.fields), row("policy", PolicyJSON.fields),
            row("containers of a policy", ContainerDefaultsJSON.fields), row("audit row", AuditRowJSON.fields),
            row("mirror of a host", MirrorJSON.fields), row("runs of a host", RunCountsJSON.fields),
            row("token", TokenJSON.fields), row("principal", PrincipalJSON.fields),
            row("short app", ShortAppJSON.fields), row("container", ContainerJSON.fields),
            row("list", PageJSON<RunJSON>.fields), row("problem", ProblemJSON.fields),
            row("error of a field", FieldError.fields), row("version", VersionJSON.fields),
            row("status", StatusJSON.fields),
        ]
        #expect(try rows(under: "| answer | fields |") == expected)
    }

    private func row<Record>(_ name: String, _ fields: [JSONField<Record>]) -> String {
        "| \(name) | \(fields.map { $0.name.map { "`\($0)`" } ?? "each setting" }.joined(separator: " ")) |"
    }

    private func body(of endpoint: EndpointFacts) -> String {
        switch endpoint.body {
        case .none: ""
        case .empty: "none or `{}`"
        case .fields(let names): names.map { "`\($0)`" }.joined(separator: " ")
        case .bytes: "any bytes"
        case .settings(let names): names.map { "`\($0)`" }.joined(separator: " ") + " settings"
        }
    }

    private func answer(of endpoint: EndpointFacts) -> String {
        guard case .byStatus = endpoint.answer else {
            return endpoint.statuses.map(String.init).joined(separator: ", ") + form(endpoint.answer)
        }
        return endpoint.statuses.map { "\($0)\(form(endpoint.answer(at: $0)))" }.joined(separator: ", ")
    }

    private func form(_ answer: EndpointAnswerForm) -> String {
        switch answer {
        case .none, .byStatus: ""
        case .jsonOrLines(let json, _): form(json) + " `application/x-ndjson`"
        case .text(let mediaTypes, _): " " + mediaTypes.map { "`\($0)`" }.joined(separator: " ")
        case .json(let name, _, _): " \(name)"
        }
    }

    private func rows(under head: String) throws -> [String] {
        let start = try #require(document.firstRange(of: head + "\n"), "no table \(head)")
        return document[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .prefix { !$0.isEmpty }.map(String.init)
    }
}

import BerthAPI
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

/// Sends each request as each sender, for an app of its own, for another app and for one that does not exist.
@Suite(.timeLimit(.minutes(5))) struct AccessTableTests {
    @Test func `Each endpoint has a line in the table`() {
        let ids = AccessTable.lines.map(\.id)
        #expect(Set(EndpointFacts.all.map(\.id)).subtracting(ids).isEmpty, "add a line for these")
        #expect(Set(ids).subtracting(EndpointFacts.all.map(\.id)).isEmpty, "these are no endpoints")
        #expect(Set(ids).count == ids.count)
        for line in AccessTable.lines {
            #expect(line.statuses.count == AccessTable.Sender.allCases.count, "\(line.id)")
            #expect(line.statuses.allSatisfy { $0.count == AccessTable.Place.allCases.count }, "\(line.id)")
        }
    }

    @Test func `Each variable part of a path belongs to an app, or is known to belong to none`() {
        // A part that belongs to an app must be compared in Access.checkScope.
        let known = AccessTable.scoped.union(AccessTable.names.keys)
        for endpoint in EndpointFacts.all {
            let parts = endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }
            let names = Set(parts.map { String($0.dropFirst().dropLast()) })
            #expect(names.isSubset(of: known), "\(endpoint.path)")
            #expect(names == Set(endpoint.pathParameters.map(\.name)), "\(endpoint.path)")
        }
    }

    @Test func `Each endpoint answers each sender as the table says`() async throws {
        try await withFakeEngine(hasAuthentication: true) { client, _ in
            try await withTask {
                await client.platform.execs.sessions.run()
            } during: {
                var requests = try await TableRequests(client)
                for endpoint in EndpointFacts.all {
                    guard let line = AccessTable.lines.first(where: { $0.id == endpoint.id }) else { continue }
                    for sender in AccessTable.Sender.allCases { try await requests.check(endpoint, line, by: sender) }
                }
            }
        }
    }
}

private struct TableRequests {
    private let client: RouterClient
    private let tokens: [AccessTable.Sender: String]
    private let admin: String
    private var number = 100

    init(_ client: RouterClient) async throws {
        self.client = client
        admin = try await client.token("root", .admin)
        tokens = [
            .viewer: try await client.token("viewer", .viewer, "web-*"),
            .deployer: try await client.token("deployer", .deployer, "web-*"),
            .admin: admin,
        ]
    }

    /// Compares the statuses with the line, and what is hidden with what does not exist.
    mutating func check(
        _ endpoint: EndpointFacts,
        _ line: AccessTable.Line,
        by sender: AccessTable.Sender
    ) async throws {
        number += 1
        var hidden: [String] = []
        let places = endpoint.isAboutAnApp ? AccessTable.Place.allCases : [.own]
        for (place, status) in zip(places, line.statuses[sender.rawValue]) {
            let subject = try await subject(place, for: endpoint)
            let answer = try await send(endpoint, subject, token: tokens[sender], mayStream: status < 300)
            #expect(answer.status == status, "\(endpoint.id) \(sender) \(place): \(answer.body)")
            if place != .own, sender != .admin { hidden.append(subject.hidingNames(in: answer)) }
        }
        #expect(Set(hidden).count <= 1, "\(endpoint.id) \(sender): another app differs from an absent one")
    }

    private func send(
        _ endpoint: EndpointFacts,
        _ subject: Subject,
        token: String?,
        mayStream: Bool
    ) async throws -> Answer {
        var path = endpoint.path.replacing("{app}", with: subject.app).replacing("{run}", with: subject.run)
            .replacing("{exec}", with: subject.exec)
        if endpoint.id == "getHost" { path = path.replacing("{host}", with: "local") }
        if endpoint.id == "setRegistry" { path = path.replacing("{server}", with: "registry.example.org") }
        for (name, value) in AccessTable.names { path = path.replacing("{\(name)}", with: value) }
        let input = AccessTable.input(of: endpoint.id, name: subject.app, token: admin)
        // These go on until they are closed.
        let isEndless = mayStream && ["followEvents", "readExecOutput"].contains(endpoint.id)
        var headers: HTTPFields = [.requestID: "same"]
        if case .bytes = endpoint.body { headers[.contentType] = "application/octet-stream" }
        let method = HTTPRequest.Method(rawValue: endpoint.method.rawValue) ?? .get
        return try await client.send(
            isEndless ? .head : method,
            path + input.query,
            input.body,
            headers: headers,
            token: token
        )
    }

    /// Makes what a request is about, unless it must not exist.
    private func subject(_ place: AccessTable.Place, for endpoint: EndpointFacts) async throws -> Subject {
        let app = "\(place.rawValue)-\(number)"
        var subject = Subject(app: app, run: "\(app)-aaaaaa", exec: String(repeating: "0", count: 32))
        let isCreation = ["createApp", "createShortApp"].contains(endpoint.id)
        guard endpoint.isAboutAnApp, place != .absent, !(isCreation && place == .own) else { return subject }
        #expect(try await post("/v1/apps", "{\"name\":\"\(app)\",\"image\":\"nginx\"}").status == 201)
        let parts = endpoint.pathParameters.map(\.name)
        if endpoint.id == "deleteSecret" {
            let set = try await client.send(.put, "/v1/apps/\(app)/secrets/KEY", #"{"value":"a"}"#, token: admin)
            #expect(set.status == 204)
        }
        guard parts.contains("run") || parts.contains("exec") else { return subject }
        subject.run = try #require(try await post("/v1/apps/\(app)/runs").texts("name").first ?? nil)
        guard parts.contains("exec") else { return subject }
        let command = #"{"command":["cat"],"interactive":true,"tty":true}"#
        subject.exec = try #require(try await post("/v1/runs/\(subject.run)/exec", command).text("id"))
        return subject
    }

    private func post(_ path: String, _ body: String? = nil) async throws -> Answer {
        try await client.send(.post, path, body, token: admin)
    }
}

/// The names that a request has.
private struct Subject {
    let app: String
    var run: String
    var exec: String

    /// The complete answer, in which these names are the same for each subject.
    func hidingNames(in answer: Answer) -> String {
        let headers = answer.headers.filter { $0.name != .serverTiming }.map { "\($0.name): \($0.value)\n" }
        let text = "\(answer.status)\n\(headers.joined())\n\(answer.body)"
        return text.replacing(run, with: "RUN").replacing(exec, with: "EXEC").replacing(app, with: "APP")
    }
}

extension EndpointFacts {
    /// Whether a request names an app, or something of an app.
    fileprivate var isAboutAnApp: Bool {
        pathParameters.contains { AccessTable.scoped.contains($0.name) } || parameters.contains { $0.name == "app" }
            || ["createApp", "createShortApp"].contains(id)
    }
}

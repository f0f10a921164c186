import Berth
import BerthAPI
import HTTPTypes
import JSON
import Testing

@testable import BerthServer

@Suite struct OpenAPITests {
    private func document(_ client: RouterClient) async throws -> JSONValue {
        let answer = try await client.send(.get, "/openapi.json")
        #expect(answer.status == 200)
        return try JSONReader.parse(answer.bytes)
    }

    @Test func `The document has each route, with its parameters, its body and its problem codes`() async throws {
        let document = try await document(RouterClient())
        let paths = try #require(document.member("paths"))
        var ids: Set<String> = []
        for endpoint in EndpointFacts.all {
            let operation = try #require(paths.member(endpoint.path)?.member(endpoint.method.rawValue.lowercased()))
            guard case .string(let id) = operation.member("operationId") else { continue }
            #expect(ids.insert(id).inserted, "\(id) is there twice")
            let names = elements(operation.member("parameters")).compactMap { $0.member("name") }
            for parameter in endpoint.parameters + endpoint.pathParameters {
                #expect(names.contains(.string(parameter.name)), "\(id) \(parameter.name)")
            }
            if case .none = endpoint.body {
                #expect(operation.member("requestBody") == nil)
            } else {
                #expect(operation.member("requestBody")?.member("content") != nil, "\(id)")
            }
            for code in endpoint.problems {
                let response = operation.member("responses")?.member("\(code.status)")
                #expect(response?.text.contains("\"\(code.rawValue)\"") == true, "\(id) \(code)")
            }
        }
        #expect(ids.count == EndpointFacts.all.count)
    }

    @Test func `The fields of each request are those that its endpoint lists`() async throws {
        let client = try await RouterClient()
        for route in Server.routes(client.platform, monitoring: client.monitoring) {
            let names: [String]
            switch route.endpoint.body {
            case .none, .empty, .bytes:
                #expect(route.body == nil)
                continue
            case .fields(let fields): names = fields
            case .settings(let fields):
                names = fields + AppSettings.all.map(\.name) + ["release", "created_at", "updated_at"]
            }
            guard case .object(let properties) = route.body?.member("properties") else {
                Issue.record("\(route.endpoint.id) has no schema")
                continue
            }
            #expect(Set(properties.members.map(\.name)) == Set(names), "\(route.endpoint.id)")
        }
    }

    @Test func `Each example fits its schema, and each schema that is used by itself has one`() async throws {
        let document = try await document(RouterClient())
        let schemas = try #require(document.member("components")?.member("schemas"))
        for (title, example) in OpenAPIDocument.examples {
            let schema = try #require(schemas.member(title), "\(title)")
            #expect(JSONSchema(document: document).complaints(about: example, schema) == [], "\(title)")
        }
        let titles = Set(OpenAPIDocument.examples.map(\.title))
        for endpoint in EndpointFacts.all {
            guard case .json(_, let schema, _) = endpoint.answer, case .string(let title) = schema.member("title")
            else { continue }
            #expect(titles.contains(title))
        }
    }

    @Test func `An app that the document describes is accepted`() async throws {
        let client = try await RouterClient()
        let examples = Dictionary(uniqueKeysWithValues: OpenAPIDocument.examples.map { ($0.title, $0.value) })
        let definition = try #require(examples["AppDefinition"])
        #expect(try await client.send(.post, "/v1/apps", definition.text).status == 201)
        #expect(try await client.send(.put, "/v1/apps/web", examples["AppReplacement"]?.text).status == 200)
        #expect(try await client.send(.patch, "/v1/apps/web", examples["AppPatch"]?.text).status == 200)
        #expect(try await client.send(.post, "/apps", examples["ShortAppDefinition"]?.text).status == 201)
    }

    @Test func `The words for states are those of the model`() {
        #expect(RunJSON.states == RunState.allCases.map(\.rawValue))
        #expect(HostJSON.states == HostState.Kind.allCases.map(\.rawValue))
        #expect(HostJSON.reasons == HostState.Reason.allCases.map(\.rawValue))
    }

    @Test func `The page for people names each route, and loads nothing`() async throws {
        let answer = try await RouterClient().send(.get, "/docs")
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        #expect(answer.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; style-src 'sha256-") == true)
        for endpoint in EndpointFacts.all {
            #expect(answer.body.contains("\(endpoint.method.rawValue) \(endpoint.path)</code>"))
        }
        #expect(!answer.body.contains("<script"))
        #expect(!answer.body.contains("src="))
    }

    private func elements(_ json: JSONValue?) -> [JSONValue] {
        if case .array(let elements) = json { elements } else { [] }
    }
}

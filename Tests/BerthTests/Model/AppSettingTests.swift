import Foundation
import JSON
import Testing

@testable import Berth

@Suite struct AppSettingTests {
    @Test func `The table of settings in the documents matches the code`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let document = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        let start = try #require(
            document.firstRange(of: "| setting | what it is, and what may be sent |\n| --- | --- |\n")
        )
        let rows = document[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix {
            !$0.isEmpty
        }
        #expect(rows.map(String.init) == AppSettings.all.map { "| `\($0.name)` | \($0.summary) |" })
    }

    @Test func `Each setting has a schema`() throws {
        let schemas = Dictionary(uniqueKeysWithValues: AppSettings.all.map { ($0.name, $0.schema.text) })
        #expect(schemas["stop_timeout"] == #"{"type":"integer","minimum":0,"maximum":3600}"#)
        #expect(schemas["pull"] == #"{"type":"string","enum":["missing","always"]}"#)
        let ulimits = try #require(schemas["ulimits"])
        #expect(ulimits.contains(#""required":["name","soft"],"additionalProperties":false"#))
        #expect(ulimits.contains(#""soft":{"type":"integer","minimum":-1"#))
        #expect(schemas.values.allSatisfy { $0 != "{}" })
    }

    @Test func `Answered settings and stored settings decode to the same value`() throws {
        let settings = try AppSettings.full()
        #expect(try AppSettings(.object(settings.json)) == settings)
        #expect(try AppSettings(.object(settings.definition)) == settings)
        let plain = try AppSettings.example()
        #expect(try AppSettings(.object(plain.json)) == plain)
    }

    @Test(arguments: ["env", "envs", "environment", "env_vars"])
    func `Other common names for the variables are recognised in the error`(name: String) throws {
        var object: JSONObject = ["image": "nginx"]
        object.set(name, to: [:])
        let error = #expect(throws: FieldErrors.self) { try AppSettings(.object(object)) }
        #expect(error?.errors.first?.detail.contains("did you mean \"variables\"?") == true)
    }

    @Test(
        arguments: [
            ["http": ["port": 8080, "path": "/up?a=b&c=%20"]], ["command": ["test", "-f", "/a b"], "retries": 3],
            ["command": "sh -c 'exit 1'", "interval": 1, "timeout": 2, "start_period": 3],
        ] as [JSONValue]
    )
    func `A health check is recognised in the engine's form`(definition: JSONValue) throws {
        let check = try FieldDecoder.health.read(definition, .root)
        #expect(HealthCheck(check.wire)?.json == check.json)
    }
}

import BerthAPI
import FakeEngine
import FoundationEssentials
import JSON
import Subprocess
import SystemPackage
import Testing

/// Public tools that read the OpenAPI document of a real server: a validator, a tester and a generator of clients.
@Suite(.serialized) struct OpenAPIToolsTests {
    private static let config = PythonTool.sources + "/schemathesis.toml"

    @Test func `A validator accepts the document`() async throws {
        try await withServer { server, directory in
            let document = try await saveDocument(of: server, in: directory)
            try await PythonTool("openapi-spec-validator", in: directory).succeed(document)
        }
    }

    @Test func `Generated requests find no server error, and no response that the document does not describe`()
        async throws
    {
        try await withServer { server, directory in
            let schemathesis = try PythonTool("schemathesis", in: directory)
            try await schemathesis.succeed("--config-file", Self.config, "run", server.client.url + "/openapi.json")
            // Otherwise the requests would have tested little.
            let metrics = try await server.client.get("/metrics").text
            let exceptions = [Endpoint.events.facts.id, Endpoint.trustHost.facts.id]
            for endpoint in EndpointFacts.all where !exceptions.contains(endpoint.id) {
                let success = "{method=\"\(endpoint.method.rawValue)\",route=\"\(endpoint.path)\",status=\"2"
                #expect(metrics.contains("berth_http_requests_total" + success), "\(endpoint.id) never succeeded")
            }
        }
    }

    @Test func `Generated requests find each kind of response that a wrong document does not describe`() async throws {
        try await withServer { server, directory in
            let document = try await saveDocument(of: server, in: directory)
            let changes = """
                .components.schemas.Version.properties.version.type = "integer"
                | del(.paths["/v1/hosts/{host}"].get.responses["200"])
                | .paths["/healthz"].get.responses["200"].content |= {"application/xml": .["application/json"]}
                | .paths["/v1/hosts"].get.responses["200"].headers["X-Other"] = {"required": true, "schema": {}}
                """
            let wrong = directory + "/wrong.json"
            try await runTool("jq", changes, document).write(toFile: wrong, atomically: true, encoding: .utf8)
            let operations = [Endpoint.version.facts, Endpoint.host.facts, Endpoint.alive.facts, Endpoint.hosts.facts]
            let result = try await PythonTool("schemathesis", in: directory).run(
                ["--config-file", Self.config, "run", wrong, "--url", server.client.url, "--phases", "coverage"]
                    + operations.flatMap { ["--include-operation-id", $0.id] }
            )
            #expect(!result.isSuccess)
            for failure in [
                "Response violates schema: 1", "Undocumented status code: 1", "Undocumented Content-Type: 1",
                "Missing required response headers: 1",
            ] {
                #expect(result.output.contains(failure), "\(result.output)")
            }
        }
    }

    @Test func `A generated client defines an app, runs it to its end, and deletes it`() async throws {
        let lab = try Lab()
        let app = freshName("app")
        let result = await Result(catching: {
            try await withDirectory { directory in
                let hosts = ["lab=\(lab.unixEndpoint)"]
                try await BerthProcess.with(hosts: hosts, hasAuthentication: true) { server in
                    let script = PythonTool.sources + "/use_client.py"
                    let made = try await server.client.post(
                        "/v1/tokens",
                        ["name": "client", "role": "deployer", "apps": [.string(app)]]
                    )
                    try await PythonTool("python", in: directory)
                        .succeed(script, server.client.url, made["token"].string, app, "busybox")
                }
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    /// Calls `body` with a server of one simulated engine, which is fast enough for thousands of requests, and a fresh
    /// directory.
    private func withServer(_ body: @escaping @Sendable (BerthProcess, String) async throws -> Void) async throws {
        try await withDirectory { directory in
            try await FakeEngine.with(at: directory + "/docker.sock") { engine in
                try await BerthProcess.with(hosts: ["local=\(engine.endpoint)"]) { server in
                    try await server.client.waitForHost("local", "connected")
                    try await body(server, directory)
                }
            }
        }
    }

    /// - Returns: the path of the file.
    private func saveDocument(of server: BerthProcess, in directory: String) async throws -> String {
        let file = directory + "/openapi.json"
        try await server.client.get("/openapi.json").text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}

/// A program of the virtual environment that `make openapi-tools` makes.
private struct PythonTool {
    static let sources = Lab.packageDirectory + "/Tests/OpenAPI"

    private let path: String
    /// The working directory, where it may leave files.
    private let directory: String

    init(_ name: String, in directory: String) throws {
        path = Lab.packageDirectory + "/.build/openapi-venv/bin/" + name
        self.directory = directory
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw LabError("there is no program \(path): run make openapi-tools")
        }
    }

    /// - Throws: `LabError` with its output unless it succeeds.
    func succeed(_ arguments: String...) async throws {
        let result = try await run(arguments)
        guard result.isSuccess else { throw LabError("\(path) \(arguments) failed:\n\(result.output)") }
    }

    func run(_ arguments: [String]) async throws -> (isSuccess: Bool, output: String) {
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(["SCHEMATHESIS_HOOKS": Self.sources + "/hooks.py"]),
            workingDirectory: FilePath(directory),
            output: .string(limit: 4 << 20),
            error: .combinedWithOutput
        )
        return (result.terminationStatus.isSuccess, result.standardOutput)
    }
}

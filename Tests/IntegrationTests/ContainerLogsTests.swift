import DockerEngine
import JSON
import Testing

/// Container output goes where the engine's log driver sends it; Berth only sets the labels.
@Suite struct ContainerLogsTests {
    @Test func `A collector receives the app and the run with each line`() async throws {
        try await LogCollector.with { collector in
            let options = gelf("udp://127.0.0.1:\(collector.port)", "gelf-compression-type=none", Self.labels)
            try await withServer(options) { http, engine in
                let app = freshName("logs")
                try await http.define(app, command: ["sh", "-c", "echo out; echo err >&2; sleep 1000"])
                let run = try await http.run(app)
                try await eventually("both lines have come") { collector.records.count >= 2 }
                let lines = collector.records
                #expect(Set(lines.map { $0["short_message"].string }) == ["out", "err"])
                #expect(Set(lines.map { $0["_container_name"].string }) == [run])
                #expect(Set(lines.map { $0["_berth.app"].string }) == [app])
                #expect(Set(lines.map { $0["_berth.release"].string }) == ["1"])
                let labels = try await labels(ofApp: app, on: engine)
                #expect(Set(lines.map { $0["_berth.run"].string }) == [labels["berth.run"]])
                #expect(Set(lines.map { $0["_berth.instance"].string }) == [labels["berth.instance"]])
                #expect(labels["berth.run"]?.isEmpty == false)
            }
        }
    }

    @Test func `A run is not affected if no collector receives its output`() async throws {
        let port = try await LogCollector.with { $0.port }
        try await withServer(gelf("udp://127.0.0.1:\(port)", Self.labels)) { http, _ in
            let app = freshName("logs")
            try await http.define(app, command: ["sh", "-c", "for i in $(seq 200); do echo $i; done; exit 3"])
            let run = try await http.run(app)
            let ended = try await http.get("/v1/runs/\(run)/wait?timeout=60")
            #expect(ended.status == 200)
            #expect(ended["exit_code"] == 3)
        }
    }

    @Test func `A run whose log driver cannot start fails and says why`() async throws {
        let port = try await LogCollector.with { $0.port }
        try await withServer(gelf("tcp://127.0.0.1:\(port)", Self.labels)) { http, _ in
            let app = freshName("logs")
            try await http.define(app)
            let answer = try await http.post("/apps/run/\(app)")
            #expect(answer.status == 502)
            #expect(answer["code"] == "engine_error")
            #expect(answer["detail"].string.contains("failed to initialize logging driver"), "\(answer.text)")
            let runs = try await http.runs(of: app)
            #expect(runs.map { $0["state"].string } == ["failed"])
        }
    }
}

extension ContainerLogsTests {
    private static let labels = "labels=berth.app,berth.run,berth.release,berth.instance"

    /// Options of dockerd.
    private func gelf(_ address: String, _ options: String...) -> [String] {
        ["--log-driver", "gelf"] + (["gelf-address=" + address] + options).flatMap { ["--log-opt", $0] }
    }

    /// Calls `body` with a server that has one host, a private engine with these options.
    private func withServer(
        _ options: [String],
        _ body: @escaping @Sendable (HTTP, PrivateEngine) async throws -> Void
    ) async throws {
        try await PrivateEngine.with(options: options) { engine in
            try await BerthProcess.with(hosts: ["far=unix://\(engine.socket)"]) { server in
                try await body(server.client, engine)
            }
        }
    }

    /// The labels of an app's one container, as its engine lists it.
    private func labels(ofApp app: String, on engine: PrivateEngine) async throws -> [String: String] {
        let found = try await withEngine(at: engine.socket) { try await $0.containers(labels: ["berth.app=\(app)"]) }
        #expect(found.count == 1)
        return found.first?.labels ?? [:]
    }
}

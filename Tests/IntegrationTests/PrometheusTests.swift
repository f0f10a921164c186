import FoundationEssentials
import JSON
import Testing

/// A real Prometheus's view of a real server and of the files in `deploy`.
@Suite(.serialized) struct PrometheusTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `Prometheus's own checks report no problems`() async throws {
        let directory = Lab.packageDirectory + "/deploy/prometheus"
        try await runTool("promtool", "check", "config", directory + "/prometheus.yml")
        let tests = try FileManager.default.contentsOfDirectory(atPath: directory + "/tests").sorted()
        #expect(tests.count >= 5)
        try await runTool("promtool", arguments: ["test", "rules"] + tests.map { "\(directory)/tests/\($0)" })
    }

    @Test func `Prometheus shows a server that has used all features correctly`() async throws {
        let app = freshName("app")
        let lab = lab
        let result = await Result(catching: {
            let hosts = ["far=\(lab.sshEndpoint)", "dead=unix:///nonexistent/docker.sock"]
            try await BerthProcess.with(hosts: hosts, sshConfig: lab.sshConfig) { server in
                try await server.client.waitForHost("far", "connected")
                try await Prometheus.with(lookingAt: server.client) { prometheus in
                    try await Self.doAllKindsOfThings(app, server.client)
                    try await Self.check(prometheus, app)
                    try await Self.checkNames(server.client)
                    try await Self.checkDashboard(prometheus)
                }
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    /// Runs that succeed, fail, cannot start, and are restarted repeatedly.
    private static func doAllKindsOfThings(_ app: String, _ http: HTTP) async throws {
        try await http.define(app, command: ["sh", "-c", "exit 0"])
        for _ in 0..<3 { _ = try await http.run(app) }
        try await http.change(app, ["command": ["sh", "-c", "exit 3"]])
        _ = try await http.run(app)
        try await http.change(app, ["image": "127.0.0.1:1/nothing:latest"])
        let refused = try await http.post("/apps/run/\(app)")
        #expect(refused.status == 502, "\(refused.text)")
        try await http.change(app, ["image": "busybox", "restart": "always", "command": ["sh", "-c", "sleep 1"]])
        let restarted = try await http.run(app)
        let lost = try await http.post("/apps/run/\(app)", ["host": "dead"])
        #expect(lost.status >= 400)
        _ = try await http.get("/nowhere")
        try await eventually("the container was started again") {
            let text = try await http.get("/metrics").text
            return text.contains("berth_run_restarts_total{app=\"\(app)\"} ")
        }
        #expect(try await http.post("/v1/runs/\(restarted)/kill").status == 200)
        _ = try await http.run(app)
    }

    private static func check(_ prometheus: Prometheus, _ app: String) async throws {
        let values = [
            ("up{job=\"berth\"}", 1.0), ("sum(berth_runs_started_total{app=\"\(app)\"})", 6),
            ("berth_runs_finished_total{app=\"\(app)\",reason=\"completed\"}", 3),
            ("berth_runs_finished_total{app=\"\(app)\",reason=\"error\"}", 1),
            ("berth_runs_finished_total{app=\"\(app)\",reason=\"stopped\"}", 1),
            ("sum(berth_runs_failed_total{app=\"\(app)\"})", 1),
            ("berth_host_state{host=\"far\",state=\"connected\"}", 1),
            ("berth_host_state{host=\"dead\",state=\"unreachable\"}", 1),
            ("count(berth_run_phase_duration_seconds_count{phase=~\"record|create|start\"})", 3),
            ("berth_http_requests_total{route=\"none\",status=\"404\"}", 1),
        ]
        for (query, value) in values {
            try await eventually("\(query) is \(value)") { try await prometheus.query(query) == [value] }
        }
        // The connection to the engine takes time, and an event takes some more.
        #expect(try await prometheus.query("berth_mirror_event_lag_seconds_count{host=\"far\"} > 0").count == 1)
        #expect(try await prometheus.query("berth_host_latency_seconds{host=\"far\"} > 0").count == 1)
    }

    private static func checkNames(_ http: HTTP) async throws {
        try await withDirectory { directory in
            let file = directory + "/metrics"
            try await http.get("/metrics").text.write(toFile: file, atomically: true, encoding: .utf8)
            try await runTool("python3", Lab.packageDirectory + "/Tools/check-monitoring", file)
            try await runTool("sh", "-c", "promtool check metrics < \(file)")
        }
    }

    /// Sends every query of the dashboard to Prometheus: most have a result after these operations.
    private static func checkDashboard(_ prometheus: Prometheus) async throws {
        let lines = try await runTool("python3", Lab.packageDirectory + "/Tools/check-monitoring", "--queries")
        let queries = lines.split(separator: "\n").map { (try? JSONReader.parse(Array($0.utf8))) ?? .null }
        #expect(queries.count > 60)
        let measured = queries.filter { query in !unmeasured.contains { query["expr"].string.contains($0) } }
        #expect(measured.count > 55)
        for query in queries { _ = try await prometheus.query(query["expr"].string) }
        for query in measured {
            // A rate needs two scrapes, and a recorded one needs some more.
            try await eventually("there is an answer to \(query["panel"].string): \(query["expr"].string)") {
                try await !prometheus.query(query["expr"].string).isEmpty
            }
        }
    }

    /// Metrics that this server could not measure: no trace collector, no `--container-metrics`, no slow client.
    private static let unmeasured = [
        "berth_trace_", "berth_app_cpu", "berth_app_memory", "berth_app_network", "berth_container_sample",
        "berth_store_errors", "berth_store_retries", "phase=\"pull\"", "process_start_time_seconds",
    ]
}

extension HTTP {
    /// Changes an app, whatever its release is.
    fileprivate func change(_ app: String, _ change: JSONValue) async throws {
        let answer = try await patch("/v1/apps/\(app)", change)
        guard answer.status == 200 else { throw LabError("no change: \(answer.status) \(answer.text)") }
    }
}

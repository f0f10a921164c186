import DockerEngine
import FoundationEssentials
import JSON
import Testing

/// The resource usage of containers, as a real engine reports it.
@Suite struct ContainerMetricsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `An app's processor and memory usage matches its container's control group`() async throws {
        let app = freshName("app")
        let lab = lab
        let result = await Result(catching: {
            try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], options: ["--container-metrics"]) {
                server in
                try await server.client.waitForHost("lab", "connected")
                let burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sleep 1000"
                try await server.client.define(app, command: ["sh", "-c", .string(burn)])
                _ = try await server.client.run(app)
                let id = try #require(try await lab.containers(ofApp: app).first?.id)
                let http = server.client
                try await eventually(within: .seconds(180), "the app's use is counted as its engine says it") {
                    let truth = try await lab.withEngine { try await $0.containerUsage(id) }
                    let cpu = try await Self.value("berth_app_cpu_seconds_total", of: app, http)
                    let memory = try await Self.value("berth_app_memory_bytes", of: app, http)
                    guard let cpu, let memory, cpu > 0.05 else { return false }
                    let seconds = Double(truth.cpuNanoseconds) / 1e9
                    return abs(cpu - seconds) < 0.1 * seconds && memory > 0 && memory < 100_000_000
                }
                #expect(try await Self.value("berth_app_network_received_bytes_total", of: app, http) != nil)
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    @Test func `Containers are not sampled by default`() async throws {
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            try await server.client.waitForHost("lab", "connected")
            let text = try await server.client.get("/metrics").text
            #expect(!text.contains("\nberth_container_samples_total"))
            #expect(text.contains("# TYPE berth_container_samples_total counter"))
        }
    }

    private static func value(_ metric: String, of app: String, _ http: HTTP) async throws -> Double? {
        let prefix = "\(metric){app=\"\(app)\"} "
        return try await http.get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(prefix) }
            .flatMap { Double($0.dropFirst(prefix.utf8.count)) }
    }
}

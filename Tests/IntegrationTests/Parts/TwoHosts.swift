import DockerEngine
import JSON
import TestSupport
import Testing

/// A server with two hosts: `lab`, which keeps working, and `far`, a private engine behind a private SSH server.
struct TwoHosts: Sendable {
    let lab: Lab
    let server: BerthProcess
    let engine: PrivateEngine
    let sshd: PrivateSSHServer
    /// Bound to `far`, with ten runs there.
    let farApp = freshName("far")
    let nearApp = freshName("near")

    var http: HTTP { server.client }

    /// Starts all of it, calls `body`, and removes it again.
    ///
    /// - Parameter options: of the private dockerd.
    static func with(
        options: [String] = [],
        _ lab: Lab,
        _ body: @escaping @Sendable (TwoHosts, EngineTruth) async throws -> Void
    ) async throws {
        try await PrivateEngine.with(options: options) { engine in
            try await PrivateSSHServer.with { sshd in
                try await BerthProcess.with(
                    hosts: ["lab=\(lab.unixEndpoint)", "far=\(sshd.endpoint(socket: engine.socket))"],
                    sshConfig: sshd.config
                ) { server in
                    let hosts = TwoHosts(lab: lab, server: server, engine: engine, sshd: sshd)
                    let truth = try await hosts.prepare()
                    try await body(hosts, truth)
                    try await lab.removeContainers(ofApp: hosts.nearApp)
                }
            }
        }
    }

    private func prepare() async throws -> EngineTruth {
        try await http.waitForHost("far", "connected")
        try await http.define(nearApp)
        try await http.define(farApp)
        #expect(try await http.patch("/v1/apps/\(farApp)", ["host": "far"]).status == 200)
        let names = try await http.run(farApp, count: 10, host: "far")
        let truth = try await EngineTruth.ofServer(thatRan: names[0], on: engine.socket)
        try await truth.isShown(by: http, host: "far")
        return truth
    }

    /// Breaks `far` during changes there, and expects the server to show it and the other host not to be affected.
    ///
    /// - Parameters:
    ///   - state: the expected state of `far` within 20 s.
    ///   - meanwhile: called once it is reached.
    func whileBroken(
        _ truth: EngineTruth,
        by fault: @escaping @Sendable () -> Void,
        shownAs state: String,
        meanwhile: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await Watch(http: http, app: nearApp, lab: lab).whileUsed {
            let shown = try await http.allRuns(on: "far")
            await withTaskGroup(of: Void.self) { group in
                // Calls there fail or hang with the engine, which is expected.
                group.addTask { _ = try? await Churn.with(truth) { try await $0.signal(times: 1000) } }
                try? await Task.sleep(for: .milliseconds(300))
                fault()
                group.cancelAll()
            }
            try await http.waitForHost("far", state, within: .promised(.seconds(20)))
            try await expectStale(shown)
            try await meanwhile()
        }
    }

    /// Its runs are shown unchanged, its app can be changed, and new runs are refused with the host's own code.
    private func expectStale(_ before: [JSONValue]) async throws {
        let after = try await http.allRuns(on: "far")
        #expect(after.count == 10)
        #expect(after.allSatisfy { $0["stale"] == true })
        #expect(after.map { $0["state"].string } == before.map { $0["state"].string })
        #expect(after.map { $0["container_id"].string } == before.map { $0["container_id"].string })
        let changed = try await timed { try await http.patch("/v1/apps/\(farApp)", ["variables": ["A": "1"]]) }
        #expect(changed.value.status == 200)
        #expect(changed.duration < .promised(.seconds(1)))
        let refused = try await timed { try await http.post("/v1/apps/\(farApp)/runs") }
        #expect(refused.value.status == 503)
        #expect(refused.value["code"] == "host_unreachable")
        #expect(refused.duration < .promised(.seconds(1)))
    }
}

import DockerEngine
import Glibc
import JSON
import Testing

extension Alone {
    /// Broken connections to the engine under many events: after the reconnect, the server shows the true state.
    @Suite(.serialized) struct LinkCutTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test func `A thousand events during a cut link are caught up with in 5 s after it is back`() async throws {
            let lab = lab
            try await EngineProxy.with(engine: lab.engineSocket) { proxy in
                try await withRuns(at: proxy.endpoint) { server, truth in
                    try await Churn.with(truth) { churn in
                        try await churn.signal(times: 5)
                        try await waitUntilSettled(server.client)
                        proxy.turn(.cut)
                        try await server.client.waitForHost("lab", "unreachable/engine_down")
                        try await churn.shake(rounds: 1)
                        try await churn.signal(times: 40)
                        try await churn.scatter()
                        try await eventually("a thousand events") { churn.events >= 1000 }
                        let shown = try await server.client.allRuns(on: "lab")
                        #expect(try await !truth.differences(from: shown).isEmpty)
                        proxy.turn(.open)
                        try await truth.isShown(by: server.client)
                    }
                }
            }
        }

        @Test func `A tunnel that breaks repeatedly during a thousand events leaves nothing wrong`() async throws {
            try await withRuns(at: lab.sshEndpoint) { server, truth in
                try await Churn.with(truth) { churn in
                    let breaks = Counter()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        // Kills only a connected tunnel: failed attempts to connect would be repeated ever more rarely.
                        group.addTask {
                            var killed: [pid_t] = []
                            while true {
                                try await eventually("another tunnel is up") {
                                    guard try await server.client.state(ofHost: "lab") == "connected" else {
                                        return false
                                    }
                                    let tunnels = server.tunnels
                                    return !tunnels.isEmpty && !tunnels.contains(where: killed.contains)
                                }
                                killed = server.tunnels
                                for process in killed { kill(process, SIGKILL) }
                                breaks.add()
                            }
                        }
                        try await churn.shake(rounds: 1)
                        try await churn.signal(times: 40)
                        try await eventually("it broke three times") { breaks.count >= 3 }
                        try await churn.scatter()
                        try await eventually("a thousand events") { churn.events >= 1000 }
                        group.cancelAll()
                    }
                    try await truth.isShown(by: server.client)
                }
            }
        }
    }
}

extension Alone.LinkCutTests {
    /// Pending reconciliations would run after the cut and hide events that were missed during it.
    private func waitUntilSettled(_ http: HTTP) async throws {
        var (last, since) = ([String](), ContinuousClock.now)
        try await eventually("it looks at nothing any more") {
            let looks = try await http.allRuns(on: "lab").map { $0["observed_at"].string }
            if looks != last { (last, since) = (looks, .now) }
            return ContinuousClock.now - since > .milliseconds(500)
        }
    }

    /// Calls `body` with a server that has twenty runs on the host `lab`; their containers are deleted afterwards.
    private func withRuns(
        at endpoint: String,
        _ body: @escaping @Sendable (BerthProcess, EngineTruth) async throws -> Void
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(endpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.define(app)
            let names = try await server.client.run(app, count: 20)
            try await body(server, EngineTruth.ofServer(thatRan: names[0], on: lab.engineSocket))
        }
        try await lab.removeContainers(ofApp: app)
    }
}

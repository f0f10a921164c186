import Berth
import DockerEngine
import Glibc
import JSON
import Testing

/// A server whose clock is an hour off: nothing is lost or doubled, and all times are consistent.
@Suite(.serialized) struct ClockTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: ["+1h", "-1h"])
    func `With a clock that is an hour off, all states are correct, and start and end times come from the engine`(
        offset: String
    ) async throws {
        let lab = lab
        let app = freshName("app")
        try await withDirectory { state in
            let truth = try await withServer(state, offset: offset) { server in
                let http = server.client
                try await http.define(app)
                let names = try await http.run(app, count: 5)
                let truth = try await EngineTruth.ofServer(thatRan: names[0], on: lab.engineSocket)
                try await Churn.with(truth) { churn in
                    try await churn.shake(rounds: 1)
                    try await churn.scatter()
                }
                try await truth.isShown(by: http)
                try await expectTimes(http, truth)
                let runs = try await http.runs(of: app)
                #expect(Set(runs.map { $0["name"].string }) == Set(names))
                // Between its kill and its removal, the run may have been observed as ended, or not.
                #expect(runs.count { $0["state"] == "lost" || $0["state"] == "removed" } == 1)
                return truth
            }
            try await withServer(state, offset: nil) { server in
                try await truth.isShown(by: server.client)
                try await expectTimes(server.client, truth)
            }
            try await withServer(state, offset: offset) { server in
                let name = try await server.client.run(app)
                #expect(try await server.client.delete("/v1/runs/\(name)?force=true").status == 200)
                try await expectTimes(server.client, truth)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test(arguments: ["+1h", "-1h"])
    func `A clock that is an hour off is reported`(offset: String) async throws {
        try await withDirectory { state in
            try await withServer(state, offset: offset) { server in
                let http = server.client
                try await eventually("the skew is told") {
                    guard case .number = try await http.get("/v1/hosts/lab")["clock_skew_ms"] else { return false }
                    return true
                }
                let skew = try await http.get("/v1/hosts/lab")["clock_skew_ms"].int ?? 0
                let expected = offset == "+1h" ? -3_600_000 : 3_600_000
                #expect(abs(skew - expected) < 5000)
            }
        }
    }

    private func expectTimes(_ http: HTTP, _ truth: EngineTruth) async throws {
        let containers = try await truth.containers()
        let states = Dictionary(uniqueKeysWithValues: containers.map { ($0.id.description, $0.state) })
        for run in try await http.allRuns(on: "lab") {
            let name = run["name"].string
            let (started, finished) = (run["started_at"].string, run["finished_at"].string)
            if let state = states[run["container_id"].string] {
                #expect(Timestamp(engineTime: state.startedAt)?.description == started, "\(name)")
                let end = state.status == "exited" ? Timestamp(engineTime: state.finishedAt)?.description : nil
                #expect((end ?? "") == finished, "\(name)")
            }
            #expect(finished.isEmpty || finished >= started, "\(name) finished before it started")
        }
    }

    /// - Parameter offset: of the server's clock, in libfaketime's format; nil for none.
    private func withServer<Result: Sendable>(
        _ state: String,
        offset: String?,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Result
    ) async throws -> Result {
        try await BerthProcess.with(
            hosts: ["lab=\(lab.unixEndpoint)"],
            stateDirectory: state,
            launcher: offset.map { ["faketime", "-m", "--exclude-monotonic", "-f", $0] } ?? []
        ) { server in
            try await server.client.waitForHost("lab", "connected")
            return try await body(server)
        }
    }
}

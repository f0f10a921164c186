import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

extension Alone {
    /// A dockerd that dies or hangs while things happen on it: it is shown so, nobody else suffers, and it comes back.
    @Suite(.serialized) struct EngineOutageTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test func `A killed engine takes its containers down with it, which is shown 10 s after its return`()
            async throws
        {
            try await TwoHosts.with(lab) { hosts, truth in
                try await killAndReturn(hosts, truth)
                let runs = try await hosts.http.allRuns(on: "far")
                #expect(Set(runs.map { $0["state"].string }) == ["exited"])
            }
        }

        @Test func `Containers that live on without their engine are shown as running after its return`() async throws {
            try await TwoHosts.with(options: ["--live-restore"], lab) { hosts, truth in
                try await killAndReturn(hosts, truth)
                let runs = try await hosts.http.allRuns(on: "far")
                #expect(Set(runs.map { $0["state"].string }) == ["running"])
            }
        }

        @Test func `An engine that hangs is shown so, and what it did before is known when it goes on`() async throws {
            try await TwoHosts.with(lab) { hosts, truth in
                try await hosts.whileBroken(
                    truth,
                    by: { hosts.engine.send(SIGSTOP) },
                    shownAs: "unreachable/engine_hung",
                    meanwhile: { hosts.engine.send(SIGCONT) }
                )
                try await truth.isShown(by: hosts.http, host: "far", within: .promised(.seconds(10)))
                try await Churn.with(truth) { try await $0.scatter() }
                try await truth.isShown(by: hosts.http, host: "far")
            }
        }

        private func killAndReturn(_ hosts: TwoHosts, _ truth: EngineTruth) async throws {
            try await hosts.whileBroken(
                truth,
                by: { hosts.engine.send(SIGKILL) },
                shownAs: "unreachable/engine_down",
                meanwhile: { try await hosts.engine.restart() }
            )
            try await truth.isShown(by: hosts.http, host: "far", within: .promised(.seconds(10)))
        }
    }
}

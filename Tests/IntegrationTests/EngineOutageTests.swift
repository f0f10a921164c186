import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

extension Alone {
    /// A dockerd that dies or hangs during changes: the host's state shows it, other hosts are not affected, and it
    /// recovers.
    @Suite(.serialized) struct EngineOutageTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test func `A killed engine ends its containers, which is shown within 10 s after its return`()
            async throws
        {
            try await TwoHosts.with(lab) { hosts, truth in
                try await killAndReturn(hosts, truth)
                let runs = try await hosts.http.allRuns(on: "far")
                #expect(Set(runs.map { $0["state"].string }) == ["exited"])
            }
        }

        @Test func `Containers that outlive their engine are shown as running after its return`() async throws {
            try await TwoHosts.with(options: ["--live-restore"], lab) { hosts, truth in
                try await killAndReturn(hosts, truth)
                let runs = try await hosts.http.allRuns(on: "far")
                #expect(Set(runs.map { $0["state"].string }) == ["running"])
            }
        }

        @Test func `A hung engine is shown as hung, and its earlier changes are known when it continues`() async throws
        {
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

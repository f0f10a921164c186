import DockerEngine
import Glibc
import JSON
import TestSupport
import Testing

extension Alone {
    /// An sshd that dies or falls silent during changes behind it: like ``EngineOutageTests``, for the connection.
    @Suite(.serialized) struct TunnelOutageTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test func `A killed SSH server is shown, and changes behind it are known 10 s after its return`()
            async throws
        {
            try await TwoHosts.with(lab) { hosts, truth in
                let sshd = hosts.sshd
                try await hosts.whileBroken(
                    truth,
                    by: { for process in [sshd.processID] + sshd.sessions { kill(process, SIGKILL) } },
                    shownAs: "unreachable/ssh_down",
                    meanwhile: {
                        try await Churn.with(truth) { try await $0.scatter() }
                        try await sshd.start()
                    }
                )
                try await truth.isShown(by: hosts.http, host: "far", within: .promised(.seconds(10)))
            }
        }

        @Test func `A silent SSH server is shown, and changes behind it are known 10 s after it answers`()
            async throws
        {
            try await TwoHosts.with(lab) { hosts, truth in
                let processes = [hosts.sshd.processID] + hosts.sshd.sessions
                try await hosts.whileBroken(
                    truth,
                    by: { for process in processes { kill(process, SIGSTOP) } },
                    shownAs: "unreachable/ssh_down",
                    meanwhile: {
                        try await Churn.with(truth) { try await $0.scatter() }
                        for process in processes { kill(process, SIGCONT) }
                    }
                )
                try await truth.isShown(by: hosts.http, host: "far", within: .promised(.seconds(10)))
            }
        }
    }
}

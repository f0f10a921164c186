import DockerEngine
import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct HostConnectionTests {
    @Test func `A connected host reports its engine, and warns if the clock is off`() async throws {
        try await FakePlatform.with(FakeEngineBehavior(clockOffset: .seconds(3600))) { fake in
            #expect(fake.host.status.engineVersion == "20.10.24")
            try await eventually("its clock is known") { fake.host.status.facts?.clockSkew != nil }
            let skew = try #require(fake.host.status.facts?.clockSkew)
            #expect(abs(skew / .seconds(1) - 3600) < 60)
            #expect(fake.host.status.warnings.count == 1)
        }
    }

    @Test func `A lost connection is restored, and its runs are stale in between`() async throws {
        try await FakePlatform.with { fake in
            let run = try await fake.start()[0]
            var silent = FakeEngineBehavior()
            silent.isSilent = true
            try await fake.engine.set(silent)
            try await fake.engine.disconnectAll()
            try await eventually("the host is away") { fake.host.status.state != .connected }
            #expect(fake.runs.view(of: run.name)?.isStale == true)
            try await fake.engine.set(FakeEngineBehavior())
            try await eventually("it is back") { fake.host.status.state == .connected }
            #expect(fake.runs.view(of: run.name)?.isStale == false)
        }
    }

    @Test func `An engine that accepts connections but does not answer is reported as hung`() async throws {
        var silent = FakeEngineBehavior()
        silent.isSilent = true
        try await FakePlatform.with(silent, connects: false) { fake in
            let error = await #expect(throws: BerthError.self) { try await fake.host.connectedEngine() }
            #expect(fake.host.status.state == .unreachable(.engineHung))
            guard case .hostNotConnected(_, let reason?, _, let seconds) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("does not respond within"))
            #expect(seconds >= 1)
        }
    }
}

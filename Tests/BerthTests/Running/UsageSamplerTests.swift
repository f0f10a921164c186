import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct UsageSamplerTests {
    @Test func `Usage of running containers is added up by app, and ended ones use no memory`() async throws {
        try await FakePlatform.with { fake in
            let runs = try await fake.start(count: 2)
            let usage = try #require(fake.platform.usage)
            let sampler = UsageSampler(usage: usage, runs: fake.runs, hosts: fake.platform.hosts)
            let app = try AppName("web")
            try await withTask {
                try await sampler.run()
            } during: {
                try await eventually("both are sampled") { usage.samples.successes >= 2 }
            }
            let both = try #require(usage.totals[app])
            #expect(both.memory > 0)
            #expect(both.received == 400)
            _ = try await fake.runner.perform(.stop, on: runs[0].name)
            try await withTask {
                try await sampler.run()
            } during: {
                try await eventually("the other is sampled again") { usage.samples.successes >= 3 }
            }
            let one = try #require(usage.totals[app])
            #expect(one.memory == both.memory / 2)
            #expect(one.received == both.received)
            #expect(usage.samples.failures == 0)
        }
    }
}

import FakeEngine
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct RuntimeLimitsTests {
    @Test(arguments: [-3600, 0, 3600])
    func `A run is stopped at its time limit, by the engine's clock`(secondsAhead: Int) async throws {
        try await FakePlatform.with(FakeEngineBehavior(clockOffset: .seconds(secondsAhead))) { fake in
            try await eventually("its clock is known") { fake.host.engineTime != nil }
            let long = try await fake.start("long", maxRuntime: 1800)[0]
            let short = try await fake.start("short", maxRuntime: 1)[0]
            let limits = RuntimeLimits(runner: fake.runner, logger: fake.runner.logger)
            try await withTask {
                try await limits.run()
            } during: {
                try await eventually("the short one is stopped, with the reason") {
                    let run = fake.runs.entry(short.id)?.run
                    return run?.state == .exited && run?.reason?.contains("max_runtime of 1 s") == true
                }
            }
            #expect(fake.state(of: long) == .running)
        }
    }
}

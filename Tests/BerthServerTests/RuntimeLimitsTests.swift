import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct RuntimeLimitsTests {
    @Test(arguments: [-3600, 0, 3600])
    func `A run is stopped at the end of its time, by the clock of its engine`(secondsAhead: Int) async throws {
        let docker = StubDocker(clockOffset: .seconds(secondsAhead))
        try await docker.withClient { client in
            try await eventually("its clock is known") { client.platform.hosts.all[0].engineTime != nil }
            var names: [String] = []
            for (app, seconds) in [("long", 1800), ("short", 1)] {
                _ = try await client.send(
                    .post,
                    "/v1/apps",
                    #"{"name":"\#(app)","image":"nginx","max_runtime":\#(seconds)}"#
                )
                names.append(
                    try #require(try await client.send(.post, "/v1/apps/\(app)/runs").texts("name").first ?? nil)
                )
            }
            let limits = RuntimeLimits(runner: client.platform.runner, logger: client.platform.runner.logger)
            try await withTask {
                try await limits.run()
            } during: {
                try await eventually("the short one is stopped, with the reason") {
                    let run = try await client.send(.get, "/v1/runs/\(names[1])").body
                    return run.contains(#""state":"exited""#) && run.contains("max_runtime of 1 s")
                }
            }
            #expect(try await client.send(.get, "/v1/runs/\(names[0])").body.contains(#""state":"running""#))
        }
    }
}

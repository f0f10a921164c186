import DockerEngine
import FakeEngine
import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct ServerTimingTests {
    /// Milliseconds by layer, only if all four are present in their order.
    private static func layers(_ headers: HTTPFields) throws -> [String: Double] {
        let text = try #require(headers[.serverTiming])
        let form = /store;dur=(\d+\.\d{3}), transport;dur=(\d+\.\d{3}), engine;dur=(\d+\.\d{3}), total;dur=(\d+\.\d{3})/
        let match = try #require(text.wholeMatch(of: form), "\(text)").output
        let texts = ["store": match.1, "transport": match.2, "engine": match.3, "total": match.4]
        return try texts.mapValues { try #require(Double($0)) }
    }

    private static func layersOfRun(on behavior: FakeEngineBehavior) async throws -> [String: Double] {
        var layers: [String: Double] = [:]
        try await withFakeEngine(behavior) { client, _ in
            try await client.create("app")
            // On a busy machine the first values are not the shortest.
            let engine = try await client.platform.hosts.all[0].connectedEngine()
            for _ in 0..<5 { try await engine.ping() }
            let answer = try await client.send(.post, "/v1/apps/app/runs")
            #expect(answer.status == 201, "\(answer.body)")
            layers = try Self.layers(answer.headers)
        }
        return layers
    }

    @Test(arguments: ["/healthz", "/apps", "/v1/runs", "/nowhere", "/apps/missing", "/apps?x=1"])
    func `Every answer gives the time of each layer`(_ path: String) async throws {
        let layers = try Self.layers(try await RouterClient().send(.get, path).headers)
        #expect(layers["transport"] == 0)
        #expect(layers["engine"] == 0)
        #expect((layers["total"] ?? 0) > 0)
    }

    @Test func `A slow engine is distinguished from a slow connection`() async throws {
        let layers = try await Self.layersOfRun(on: FakeEngineBehavior(actionDelay: .milliseconds(200)))
        let (engine, transport) = (layers["engine"] ?? 0, layers["transport"] ?? 0)
        #expect(transport > 0 && transport < engine)
        #expect(engine + transport >= 200)
        #expect((layers["total"] ?? 0) >= 200)
    }

    @Test func `A slow connection is distinguished from a slow engine`() async throws {
        // Create and start are two calls, and so the connection's latency counts twice.
        let layers = try await Self.layersOfRun(on: FakeEngineBehavior(latency: .milliseconds(200)))
        #expect((layers["transport"] ?? 0) >= 400)
        #expect((layers["engine"] ?? 1000) < (layers["transport"] ?? 0))
    }

    @Test func `Calls that the engine refuses are measured too`() async throws {
        try await withFakeEngine(FakeEngineBehavior(latency: .milliseconds(50), refusing: { _ in true })) { client, _ in
            try await client.create("app")
            let answer = try await client.send(.post, "/v1/apps/app/runs")
            #expect(answer.status == 502, "\(answer.body)")
            #expect((try Self.layers(answer.headers)["transport"] ?? 0) >= 50)
        }
    }

    @Test func `The server's own engine calls do not count for a request`() async throws {
        try await withFakeEngine(FakeEngineBehavior(actionDelay: .milliseconds(200))) { client, _ in
            try await client.create("app")
            let engine = try await client.platform.hosts.all[0].connectedEngine()
            try await withTask {
                while !Task.isCancelled { try await engine.ping() }
            } during: {
                let layers = try Self.layers(try await client.send(.post, "/v1/apps/app/runs").headers)
                #expect((layers["engine"] ?? 0) + (layers["transport"] ?? 0) <= (layers["total"] ?? 0))
                for path in ["/v1/runs", "/v1/hosts", "/apps/containers"] {
                    let layers = try Self.layers(try await client.send(.get, path).headers)
                    #expect(layers["engine"] == 0)
                    #expect(layers["transport"] == 0)
                }
            }
        }
    }

    @Test(arguments: [
        (UInt64.zero, "0000000000000000"), (15, "000000000000000f"), (.max, "ffffffffffffffff"),
        (0x0123_4567_89AB_CDEF, "0123456789abcdef"),
    ])
    func `A printed id has all of its digits`(_ number: UInt64, _ text: String) {
        #expect(number.hexadecimal == text)
        #expect(UInt64(hexadecimal: text) == number)
    }
}

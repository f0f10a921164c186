import AsyncHTTPClient
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What runs use, on a real engine over SSH.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RunStatsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    private func withRun(
        _ script: String,
        _ body: @escaping @Sendable (HTTP, String) async throws -> Void
    ) async throws {
        let app = freshName("app")
        let result = await Result(catching: {
            try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
                try await server.client.waitForHost("lab", "connected")
                try await server.client.define(app, command: ["sh", "-c", .string(script)])
                try await body(server.client, server.client.run(app))
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    @Test func `A busy run uses a processor, memory and processes, and an idle one nearly none`() async throws {
        try await withRun("while :; do :; done") { http, name in
            let answer = try await http.get("/v1/runs/\(name)/stats")
            #expect(answer.status == 200)
            let percent = try #require(answer["cpu_percent"].double)
            #expect(percent > 5 && percent < 10_000, "\(percent)")
            #expect(try #require(answer["memory_bytes"].int) > 1000)
            #expect(try #require(answer["memory_limit_bytes"].int) > 1 << 20)
            #expect(try #require(answer["pids"].int) >= 1)
            #expect(answer["time"].string.hasSuffix("Z"))
        }
        try await withRun("trap 'exit 0' TERM; sleep 1000 & wait") { http, name in
            try await eventually("it is idle") {
                let percent = try await http.get("/v1/runs/\(name)/stats")["cpu_percent"].double
                return percent.map { $0 < 5 } ?? false
            }
        }
    }

    @Test func `A followed usage has a sample about each second, and ends with the run`() async throws {
        try await withRun("trap 'exit 0' TERM; sleep 1000 & wait") { http, name in
            async let samples = http.samples("/v1/runs/\(name)/stats?follow=true")
            try await Task.sleep(for: .seconds(6))
            #expect(try await http.post("/v1/runs/\(name)/stop").status == 200)
            let found = try await samples
            #expect((2...8).contains(found.count), "\(found.count)")
            #expect(found.allSatisfy { $0["cpu_percent"].double != nil })
            let times = found.map { $0["time"].string }
            #expect(times == Array(Set(times)).sorted())
            #expect(try await http.get("/v1/runs/\(name)/stats").status == 409)
            #expect(try await http.get("/v1/runs/\(name)/stats?follow=true").status == 409)
        }
    }

    @Test func `A followed usage ends when the container is removed behind the server's back`() async throws {
        try await withRun("sleep 1000") { http, name in
            async let samples = http.samples("/v1/runs/\(name)/stats?follow=true")
            try await Task.sleep(for: .seconds(3))
            try await runDocker(lab, "rm", "-f", name)
            _ = try await samples
        }
    }
}

extension JSONValue {
    fileprivate var double: Double? { if case .number(let number) = self { number.double } else { nil } }
}

extension HTTP {
    /// The objects of an answer in NDJSON.
    fileprivate func samples(_ path: String) async throws -> [JSONValue] {
        let response = try await client.execute(HTTPClientRequest(url: url + path), timeout: .seconds(120))
        guard response.status == .ok else { throw LabError("\(path): \(response.status)") }
        let body = try await response.body.collect(upTo: 1 << 20)
        return try body.readableBytesView.split(separator: UInt8(ascii: "\n")).map { try JSONReader.parse($0) }
    }
}

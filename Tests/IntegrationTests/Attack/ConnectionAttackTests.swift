import FoundationEssentials
import TestSupport
import Testing

extension Alone {
    /// Clients that hold connections open without using them.
    @Suite(.serialized, .timeLimit(.minutes(5))) struct ConnectionAttackTests {
        let lab: Lab
        /// A thousand in the long form.
        private let count = ProcessInfo.processInfo.environment["LAB_ATTACK"] == nil ? 200 : 1000

        init() throws { lab = try Lab() }

        @Test(arguments: [
            "", "GET /v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
            "POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
        ])
        func `Connections that stand still do not keep other clients from being served`(beginning: String) async throws
        {
            let count = count
            try await AttackedServer.with(lab) { server in
                let http = server.http(.deployer)
                let (process, memory) = (server.process.processID, server.process.residentMemory)
                let usual = try await durations(http)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let streams = (0..<count).compactMap { _ in try? RawStream(beginning, port: server.stage.port) }
                    #expect(streams.count > count / 2)
                    group.addTask {
                        // Slowly, byte by byte.
                        while !Task.isCancelled {
                            for stream in streams where !beginning.isEmpty { stream.send("a") }
                            try? await Task.sleep(for: .milliseconds(500))
                        }
                    }
                    let slow = try await durations(http)
                    #expect(slow.median < .milliseconds(500) + usual.median * 5, "\(usual.median) → \(slow.median)")
                    group.cancelAll()
                }
                var verdict = AttackVerdict(secrets: server.secrets)
                try await server.judge(
                    &verdict,
                    processBefore: process,
                    memoryBefore: memory,
                    mostMemory: server.process.residentMemory
                )
                #expect(verdict.violations == [])
            }
        }

        private func durations(_ http: HTTP) async throws -> [Duration] {
            var durations: [Duration] = []
            for _ in 0..<30 {
                let answer = try await timed { try await http.get("/v1/runs") }
                #expect(answer.value.status == 200)
                durations.append(answer.duration)
                try await Task.sleep(for: .milliseconds(50))
            }
            return durations
        }
    }
}

import DockerEngine
import Glibc
import JSON
import Synchronization
import TestSupport
import Testing

/// Repeated `kill -9` of the server: each change that was answered is in the audit log.
@Suite(.serialized) struct AuditTests {
    @Test(arguments: Database.allCases)
    func `Each change that was answered before a kill has its row after the restart`(database: Database) async throws {
        let answers = Answers()
        try await database.with { url in
            try await withDirectory { state in
                for _ in 0..<3 {
                    let before = answers.all.count
                    try await withServer(state, url) { server in
                        try await change(answers, server.client) {
                            try await eventually("some changes were answered") { answers.all.count >= before + 20 }
                            try await Task.sleep(for: .milliseconds(Int.random(in: 0...200)))
                            server.send(SIGKILL)
                        }
                    }
                }
                try await withServer(state, url) { server in
                    let rows = try await export(server.client)
                    let results = Dictionary(
                        rows.map { ($0["request_id"].string, "\($0["result"].string) \($0["code"].string)") }
                    ) { first, _ in first }
                    #expect(results.count == rows.count, "no request has two rows")
                    for (request, result) in answers.all { #expect(results[request] == result, "\(request)") }
                    let times = rows.map { $0["time"].string }
                    #expect(times == times.sorted())
                    #expect(rows.allSatisfy { $0["address"] == "127.0.0.1" && $0["actor"] == "local" })
                }
            }
        }
    }

    /// Sends changes that the database stores, and others of which only the audit log knows, until `end` has run.
    private func change(
        _ answers: Answers,
        _ http: HTTP,
        until end: @escaping @Sendable () async throws -> Void
    ) async throws {
        let isOver = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    while isOver.count == 0 {
                        let id = freshName("request")
                        let headers = [("X-Request-Id", id)]
                        let answer =
                            worker < 2
                            ? try? await http.post(
                                "/apps",
                                ["name": .string(freshName("app")), "image": "busybox"],
                                headers: headers
                            ) : try? await http.post("/v1/runs/none-abc234/stop", headers: headers)
                        guard let answer else { return }
                        // Of a request that failed because the database did, the row may come later.
                        guard [201, 404].contains(answer.status) else { continue }
                        answers.add(id, answer.status == 201 ? "ok " : "failed \(answer["code"].string)")
                    }
                }
            }
            group.addTask {
                defer { isOver.add() }
                try await end()
            }
            try await group.waitForAll()
        }
    }

    private func export(_ http: HTTP) async throws -> [JSONValue] {
        let answer = try await http.get("/v1/audit", headers: [("Accept", "application/x-ndjson")])
        #expect(answer.status == 200)
        return try answer.text.split(separator: "\n").map { try JSONReader.parse(Array($0.utf8)) }
    }

    private func withServer(
        _ state: String,
        _ database: String?,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Void
    ) async throws {
        try await BerthProcess.with(
            hosts: ["none=unix:///nonexistent/docker.sock"],
            stateDirectory: state,
            sshConfig: "none",
            database: database,
            body
        )
    }
}

/// The results of the requests that were answered, by their ids.
private final class Answers: Sendable {
    private let state = Mutex<[String: String]>([:])

    var all: [String: String] { state.withLock { $0 } }

    func add(_ request: String, _ result: String) { state.withLock { $0[request] = result } }
}

import AsyncHTTPClient
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Commands in the containers of runs, on a real engine over SSH.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ExecSessionsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    /// Passes the path of a run that sleeps.
    private func withRun(_ body: @escaping @Sendable (HTTP, String) async throws -> Void) async throws {
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.waitForHost("lab", "connected")
            try await server.client.define(app)
            let name = try await server.client.run(app)
            try await body(server.client, "/v1/runs/\(name)")
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A command's output and exit code arrive exactly`() async throws {
        try await withRun { http, run in
            let script = #"printf 'a\nb\377'; echo no >&2; exit 7"#
            let result = try await http.execute(run, ["command": ["sh", "-c", .string(script)]])
            #expect(result.stdout == Array("a\nb".utf8) + [255])
            #expect(result.stderr == Array("no\n".utf8))
            #expect(result.exitCode == 7)
        }
    }

    @Test func `Each exit code from 0 to 255 is reported`() async throws {
        try await withRun { http, run in
            try await withThrowingTaskGroup(of: (Int, Int?).self) { group in
                for code in 0...255 {
                    if code >= 8 {
                        let (expected, exitCode) = try #require(try await group.next())
                        #expect(exitCode == expected)
                    }
                    group.addTask {
                        let body: JSONValue = ["command": ["sh", "-c", .string("exit \(code)")], "timeout": 60]
                        return (code, try await http.execute(run, body).exitCode)
                    }
                }
                for try await (expected, exitCode) in group { #expect(exitCode == expected) }
            }
        }
    }

    @Test func `Input, variables, user and directory are the command's`() async throws {
        try await withRun { http, run in
            let script = "cat; echo $GREETING; id -u; pwd"
            let result = try await http.execute(
                run,
                [
                    "command": ["sh", "-c", .string(script)], "stdin": "in\n", "variables": ["GREETING": "hello"],
                    "user": "1000", "working_dir": "/tmp",
                ]
            )
            #expect(String(decoding: result.stdout, as: UTF8.self) == "in\nhello\n1000\n/tmp\n")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `A command that cannot be started, or takes too long, or whose run does not run, says so`() async throws
    {
        try await withRun { http, run in
            let unknown = try await http.execute(run, ["command": ["no-such-program"]])
            #expect([126, 127].contains(unknown.exitCode))
            #expect(String(decoding: unknown.stdout, as: UTF8.self).contains("no-such-program"))
            let slow = try await http.execute(run, ["command": ["sleep", "30"], "timeout": 1])
            #expect(slow.error?["code"].string == "exec_timeout")
            for body in [[:], ["command": []], ["command": ""], ["command": "true", "tty": true]] as [JSONValue] {
                #expect(try await http.post(run + "/exec", body).status == 422, "\(body.text)")
            }
            let expecting = try await http.post(
                run + "/exec",
                ["command": "true"],
                headers: [("Expect", "100-continue")]
            )
            #expect(expecting.text == #"{"exit_code":0}"# + "\n")
            let key = try await http.post(run + "/exec", ["command": "true"], key: "k")
            #expect(key.status == 400)
            #expect(key["code"].string == "invalid_idempotency_key")
            #expect(try await http.post(run + "/pause").status == 200)
            #expect(try await http.post(run + "/exec", ["command": "true"])["code"].string == "run_state_conflict")
            #expect(try await http.post(run + "/kill").status == 200)
            let ended = try await http.post(run + "/exec", ["command": "true"])
            #expect(ended.status == 409)
            #expect(ended["code"].string == "run_state_conflict")
        }
    }

    @Test func `A hundred MiB of input arrive in a session, and its exit code is known afterwards`() async throws {
        try await withRun { http, run in
            let session = try await http.session(run, ["command": ["sh", "-c", "wc -c; exit 5"], "interactive": true])
            let piece = ByteBuffer(repeating: 0x78, count: 1 << 20)
            async let output = http.output(session)
            try await http.input(session, Array(repeating: piece, count: 100), isEnd: true)
            let result = try await output
            #expect(String(decoding: result.stdout, as: UTF8.self) == "\(100 << 20)\n")
            #expect(result.exitCode == 5)
            let state = try await http.get(session)
            #expect(state["state"].string == "exited")
            #expect(state["exit_code"] == 5)
            let late = try await http.post(session + "/resize", ["rows": 2])
            #expect(late["code"].string == "exec_ended")
            await #expect(throws: LabError.self) { try await http.input(session, [piece]) }
            #expect(try await http.delete(session).status == 204)
            #expect(try await http.get(session)["code"].string == "exec_not_found")
        }
    }

    @Test func `A session goes on after a disconnect, and its output is read on`() async throws {
        try await withRun { http, run in
            let script = "i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.05; done"
            let session = try await http.session(run, ["command": ["sh", "-c", .string(script)], "interactive": true])
            let first = try await http.output(session, count: 3)
            let rest = try await http.output(session, after: first.lastID)
            let all = String(decoding: first.stdout + rest.stdout, as: UTF8.self)
            #expect(all == (0..<40).map { "\($0)\n" }.joined())
            #expect(rest.exitCode == 0)
        }
    }

    @Test func `A terminal has its size, takes a new one, and ends with its shell`() async throws {
        try await withRun { http, run in
            let session = try await http.session(
                run,
                ["command": "sh", "interactive": true, "tty": true, "rows": 33, "columns": 111]
            )
            async let output = http.output(session)
            // An engine sets the size after it has started the shell.
            try await http.input(session, [ByteBuffer(string: "until stty size; do sleep 0.1; done\n")])
            // The shell must have read the first line before the terminal changes.
            try await Task.sleep(for: .seconds(3))
            #expect(try await http.post(session + "/resize", ["rows": 44, "columns": 122]).status == 204)
            try await http.input(session, [ByteBuffer(string: "stty size\n")])
            try await http.input(session, [], isEnd: true)
            let result = try await output
            let text = String(decoding: result.stdout, as: UTF8.self)
            #expect(text.contains("33 111"), "\(text)")
            #expect(text.contains("44 122"), "\(text)")
            #expect(result.exitCode == 0)
        }
    }

    @Test func `Ending a session ends the input of its command`() async throws {
        try await withRun { http, run in
            let script = "cat; echo over > /tmp/end"
            let session = try await http.session(run, ["command": ["sh", "-c", .string(script)], "interactive": true])
            try await http.input(session, [ByteBuffer(string: "x")])
            #expect(try await http.delete(session).status == 204)
            try await eventually("the command has ended") {
                try await http.execute(run, ["command": ["cat", "/tmp/end"]]).stdout == Array("over\n".utf8)
            }
            let metrics = try await http.get("/metrics").text
            #expect(metrics.contains("berth_exec_sessions 0.0"))
        }
    }

    @Test func `A container that is killed ends its sessions`() async throws {
        try await withRun { http, run in
            let session = try await http.session(run, ["command": ["sleep", "100"], "interactive": true])
            async let output = http.output(session)
            #expect(try await http.post(run + "/kill").status == 200)
            #expect(try await output.isEnded)
        }
    }
}

/// What a client has received of a command.
private struct ExecResult: Sendable {
    var stdout: [UInt8] = []
    var stderr: [UInt8] = []
    var exitCode: Int?
    var error: JSONValue?
    var lastID: String?
    var isEnded: Bool { exitCode != nil || error != nil }

    mutating func add(_ json: JSONValue) throws {
        exitCode = json["exit_code"].int ?? exitCode
        if case .object = json["error"] { error = json["error"] }
        var bytes = Array(json["data"].string.utf8)
        if json["encoding"].string == "base64" { bytes = try Array(#require(Data(base64Encoded: json["data"].string))) }
        if json["stream"].string == "stderr" { stderr += bytes } else { stdout += bytes }
    }
}

extension HTTP {
    fileprivate func execute(_ run: String, _ body: JSONValue) async throws -> ExecResult {
        let answer = try await post(run + "/exec", body)
        guard answer.status == 200 else { throw LabError("not executed: \(answer.status) \(answer.text)") }
        guard answer.header("content-type") == "application/x-ndjson" else { throw LabError("not NDJSON") }
        var result = ExecResult()
        for line in answer.text.split(separator: "\n") { try result.add(JSONReader.parse(Array(line.utf8))) }
        return result
    }

    /// Starts a session and returns its path.
    fileprivate func session(_ run: String, _ body: JSONValue) async throws -> String {
        let answer = try await post(run + "/exec", body)
        guard answer.status == 201, let path = answer.header("location") else {
            throw LabError("no session: \(answer.status) \(answer.text)")
        }
        guard path == "/v1/exec/" + answer["id"].string else { throw LabError("another path: \(path)") }
        return path
    }

    /// Reads a session's output to the end, or `count` parts of it.
    fileprivate func output(_ session: String, after id: String? = nil, count: Int = .max) async throws -> ExecResult {
        var request = HTTPClientRequest(url: url + session + "/output")
        if let id { request.headers.add(name: "last-event-id", value: id) }
        let response = try await client.execute(request, timeout: .seconds(240))
        guard response.status == .ok else { throw LabError("no output: \(response.status)") }
        var result = ExecResult()
        var rest: [UInt8] = []
        var parts = 0
        for try await chunk in response.body {
            rest += Array(buffer: chunk)
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end + 1)
                if line.hasPrefix("id: ") { result.lastID = String(line.dropFirst(4)) }
                guard line.hasPrefix("data: ") else { continue }
                try result.add(JSONReader.parse(Array(line.utf8.dropFirst(6))))
                parts += 1
                if parts >= count { return result }
            }
        }
        return result
    }

    fileprivate func input(_ session: String, _ pieces: [ByteBuffer], isEnd: Bool = false) async throws {
        var request = HTTPClientRequest(url: url + session + "/input" + (isEnd ? "?end=true" : ""))
        request.method = .POST
        request.body = .stream(
            AsyncStream { stream in
                for piece in pieces { stream.yield(piece) }
                stream.finish()
            },
            length: .unknown
        )
        let response = try await client.execute(request, timeout: .seconds(240))
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .noContent else { throw LabError("no input: \(String(buffer: body))") }
    }
}

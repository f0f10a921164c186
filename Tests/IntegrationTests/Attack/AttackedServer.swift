import BerthAPI
import FoundationEssentials
import Glibc
import JSON
import NIOPosix
import TestSupport
import Testing

/// A server with two teams, on a real engine over real SSH, to be attacked.
struct AttackedServer: Sendable {
    let process: BerthProcess
    let engineSocket: String
    let trace: ProcessTrace
    let stage: AttackStage
    let secrets: AttackSecrets
    /// The other team's own token.
    let otherToken: String
    /// The label of the server's containers.
    let instance: String

    var admin: HTTP { http(.admin) }
    var other: HTTP { process.client.with(token: otherToken) }

    func http(_ sender: AttackSender) -> HTTP { process.client.with(token: stage.tokens[sender] ?? "") }

    /// Starts one with a run of each team, calls `body`, and removes all of it.
    ///
    /// - Parameters:
    ///   - engineSocket: of another engine than the lab's.
    ///   - database: its URL; SQLite if nil.
    static func with(
        _ lab: Lab,
        engineSocket: String? = nil,
        database: String? = nil,
        _ body: @escaping @Sendable (AttackedServer) async throws -> Void
    ) async throws {
        let socket = engineSocket ?? lab.engineSocket
        let suffix = String(UInt32.random(in: .min ... .max), radix: 36)
        try await withDirectory { directory in
            let trace = await ProcessTrace(in: directory)
            try await BerthProcess.with(
                hosts: ["lab=ssh://\(lab.sshUser)@127.0.0.1:\(lab.sshPort)\(socket)"],
                stateDirectory: directory,
                sshConfig: lab.sshConfig,
                options: ["--log-format", "json"],
                database: database,
                // An attack sends more requests than a client does.
                hasAuthentication: true,
                environment: ["BERTH_RATE_LIMIT": "0"],
                launcher: trace.launcher
            ) { process in
                let server = try await prepare(process, socket, trace, suffix)
                try await trace.sampling(process.processID) { try await body(server) }
            }
        }
        for app in ["own", "spare", "other"] {
            try await lab.removeContainers(ofApp: (app == "other" ? "other-" : "own-\(app)-") + suffix)
        }
    }

    private static func prepare(
        _ process: BerthProcess,
        _ socket: String,
        _ trace: ProcessTrace,
        _ suffix: String
    ) async throws -> AttackedServer {
        let admin = process.client
        try await admin.waitForHost("lab", "connected")
        var (tokens, otherToken) = try await makeTokens(admin)
        tokens[.admin] = admin.token
        tokens[.unknown] = "berth_" + String(repeating: "a", count: 52)
        let (own, spare, other) = ("own-own-" + suffix, "own-spare-" + suffix, "other-" + suffix)
        let canary = "canary-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let deployer = process.client.with(token: tokens[.deployer] ?? "")
        let otherTeam = process.client.with(token: otherToken)
        for app in [own, spare] { try await deployer.define(app) }
        try await otherTeam.define(other, variables: ["PASSWORD": .string(canary)])
        let ownRun = try await deployer.run(own)
        let otherRun = try await otherTeam.run(other)
        let stage = AttackStage(
            port: process.client.url.split(separator: ":").last.flatMap { Int($0) } ?? 0,
            ownApp: own,
            ownRun: ownRun,
            spareApp: spare,
            otherApp: other,
            otherRun: otherRun,
            canaryFile: process.stateDirectory + "/pwned",
            tokens: tokens,
            bodies: AttackStage.bodies(try await admin.get("/openapi.json").json, ownApp: own, spareApp: spare)
        )
        return AttackedServer(
            process: process,
            engineSocket: socket,
            trace: trace,
            stage: stage,
            secrets: AttackSecrets(canary: canary, tokens: tokens.values + [otherToken]),
            otherToken: otherToken,
            instance: try await EngineTruth.ofServer(thatRan: ownRun, on: socket).instance
        )
    }

    /// - Returns: the tokens of all senders but the administrator, and the other team's.
    private static func makeTokens(_ admin: HTTP) async throws -> ([AttackSender: String], String) {
        func make(_ name: String, _ role: String, _ apps: String, lifetime: Int? = nil) async throws -> JSONValue {
            var body: JSONValue = ["name": .string(name), "role": .string(role), "apps": [.string(apps)]]
            if let lifetime { body = body.with("expires_in", JSONValue(lifetime)) }
            let answer = try await admin.post("/v1/tokens", body)
            guard answer.status == 201 else { throw LabError("no token: \(answer.status) \(answer.text)") }
            return answer.json
        }
        let expired = try await make("expired", "deployer", "own-*", lifetime: 1)
        let revoked = try await make("revoked", "deployer", "own-*")
        let answer = try await admin.delete("/v1/tokens/\(revoked["id"].string)")
        guard answer.status == 204 else { throw LabError("not revoked: \(answer.status) \(answer.text)") }
        let tokens: [AttackSender: JSONValue] = [
            .deployer: try await make("deployer", "deployer", "own-*"),
            .viewer: try await make("viewer", "viewer", "own-*"),
            .otherViewer: try await make("other-viewer", "viewer", "other-*"),
            .expired: expired,
            .revoked: revoked,
        ]
        let client = HTTP(url: admin.url, client: admin.client, token: expired["token"].string)
        try await eventually("the token has expired") { try await client.get("/v1/me").status == 401 }
        return (tokens.mapValues { $0["token"].string }, try await make("other", "deployer", "other-*")["token"].string)
    }
}

extension HTTP {
    fileprivate func define(_ name: String, variables: JSONValue = [:]) async throws {
        let body: JSONValue = [
            "name": .string(name), "image": "busybox", "command": sleeping, "variables": variables, "stop_timeout": 0,
        ]
        let answer = try await post("/v1/apps", body)
        guard answer.status == 201 else { throw LabError("no app: \(answer.status) \(answer.text)") }
    }
}

// What is true after an attack.
extension AttackedServer {
    /// Threads that may wait for a server.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        return threads
    }()

    /// Sends bytes on a connection of their own, and returns the answer, or the part of it that arrived in time.
    ///
    /// - Parameter limit: for how long a stream is read.
    func send(_ bytes: [UInt8], within limit: Duration = .seconds(30)) async throws -> RawAnswer? {
        let port = stage.port
        let areBodiless = [bytes.starts(with: Array("HEAD ".utf8))]
        let received = try await Self.threads.runIfActive {
            var received: [UInt8] = []
            let socket = try RawSocket(port: port)
            socket.send(bytes)
            socket.receive(into: &received, within: limit) { bytes in
                guard let answers = try? RawAnswer.answers(in: bytes, areBodiless: areBodiless) else { return true }
                return answers.first?.isComplete == true
            }
            return received
        }
        return try RawAnswer.answers(in: received, areBodiless: areBodiless).first
    }

    /// Sends one request with exactly these headers beside `Host`, unless they have one, and the length of the body.
    func send(
        _ method: String,
        _ path: String,
        as sender: AttackSender = .nobody,
        _ headers: [String] = [],
        body: String? = nil,
        within limit: Duration = .seconds(30)
    ) async throws -> RawAnswer {
        var draft = AttackDraft(method: method, path: path, headers: headers)
        if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) {
            draft.headers.insert("Host: 127.0.0.1:\(stage.port)", at: 0)
        }
        if let token = stage.tokens[sender] { draft.headers.append("Authorization: Bearer \(token)") }
        if let body {
            draft.body = Array(body.utf8)
            if !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
                draft.headers.append("Content-Type: application/json")
            }
        } else if method != "GET", method != "HEAD" {
            draft.body = []
        }
        guard let answer = try await send(draft.bytes, within: limit) else {
            throw LabError("no answer to \(method) \(path)")
        }
        return answer
    }

    /// The server's containers, as the engine's `inspect` shows them.
    func containers() async throws -> [JSONValue] {
        let filter = ["ps", "-aq", "--no-trunc", "--filter", "label=berth.instance=\(instance)"]
        let ids = try await runDocker(socket: engineSocket, filter).split(separator: "\n").map(String.init)
        var found: [JSONValue] = []
        for start in stride(from: 0, to: ids.count, by: 20) {
            let text = try await runDocker(socket: engineSocket, ["inspect"] + ids[start..<min(ids.count, start + 20)])
            found += try JSONReader.parse(Array(text.utf8)).elements
        }
        return found
    }

    /// Compares the server's visible state with its promises.
    func judge(_ verdict: inout AttackVerdict, processBefore: pid_t, memoryBefore: Int, mostMemory: Int) async throws {
        let isHealthy = (try? await process.client.get("/healthz").status) == 200
        verdict.judge(
            process: processBefore,
            current: process.isRunning ? process.processID : nil,
            isHealthy: isHealthy
        )
        guard isHealthy else { return }
        verdict.judge(memoryBefore: memoryBefore, most: mostMemory)
        verdict.judge(trace.commands, words: [stage.canaryFile])
        verdict.judge(
            canaryFile: stage.canaryFile,
            exists: FileManager.default.fileExists(atPath: stage.canaryFile)
        )
        verdict.judge(log: process.log)
        verdict.judge(try await admin.get("/metrics").text, named: "GET /metrics")
        for id in Processes.all() {
            verdict.judge(Processes.arguments(of: id).joined(separator: " "), named: "the command line of \(id)")
        }
        try await judgeTruth(&verdict)
    }

    /// Waits until the API shows what the engine has, as some work may go on after its answer.
    private func judgeTruth(_ verdict: inout AttackVerdict) async throws {
        let clear = AttackVerdict(secrets: secrets)
        var last = clear
        _ = try? await eventually(within: .promised(.seconds(20)), "server and engine agree") {
            last = clear
            let containers = try await containers()
            last.judge(runs: try await admin.allRuns(on: "lab"), containers: containers)
            return last.violationCount == 0
        }
        verdict.merge(last)
    }
}

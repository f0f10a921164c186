import BerthAPI
import FoundationEssentials
import Glibc
import JSON
import NIOPosix
import Synchronization
import TestSupport
import Testing

extension Alone {
    /// Mutated requests of all kinds of senders; `LAB_ATTACK` sets their number, and `LAB_ATTACK_SEED` repeats them.
    ///
    /// The server must neither fail nor do or show anything that its tokens do not permit.
    @Suite(.serialized) struct AttackTests {
        let lab: Lab
        private static let count = ProcessInfo.processInfo.environment["LAB_ATTACK"].flatMap { Int($0) }
        private static let seed =
            ProcessInfo.processInfo.environment["LAB_ATTACK_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...1_000_000)
        /// The short form uses one database and has a minute.
        private static let databases: [Database] = count == nil ? [.sqlite] : Database.allCases

        init() throws { lab = try Lab() }

        @Test(arguments: Self.databases)
        func `No mutated request harms the server, its hosts or another team`(database: Database) async throws {
            let lab = lab
            try await PrivateEngine.with { engine in
                try await database.with { url in
                    try await AttackedServer.with(lab, engineSocket: engine.socket, database: url) { server in
                        let limit = Self.count == nil ? Duration.seconds(40) : .seconds(24 * 3600)
                        let attack = Attack(server: server, seed: Self.seed, count: Self.count ?? 4000, limit: limit)
                        let verdict = try await attack.run()
                        print("attack on \(database), seed \(Self.seed): \(verdict.summary)")
                        #expect(verdict.violations == [], "seed \(Self.seed), \(verdict.violationCount) in total")
                    }
                }
            }
        }
    }
}

/// The sending of many mutated requests to one server, and the judgement of what comes of it.
private struct Attack: Sendable {
    let server: AttackedServer
    let plan: AttackPlan
    /// The number of requests.
    let count: Int
    let end: ContinuousClock.Instant
    private let progress = Progress()

    private static let workers = 8

    private final class Progress: Sendable {
        let connections = Atomic(0)
        let requests = Atomic(0)
        let mostMemory = Atomic(0)
    }

    init(server: AttackedServer, seed: UInt64, count: Int, limit: Duration) {
        self.server = server
        plan = AttackPlan(seed: seed, stage: server.stage)
        self.count = count
        end = .now + limit
    }

    func run() async throws -> AttackVerdict {
        let (process, memory) = (server.process.processID, server.process.residentMemory)
        let other = try await otherTeam()
        let found = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tidyUp() }
            defer { group.cancelAll() }
            return try await sendAll()
        }
        var verdict = found
        try await server.judge(
            &verdict,
            processBefore: process,
            memoryBefore: memory,
            mostMemory: progress.mostMemory.load(ordering: .relaxed)
        )
        if try await otherTeam() != other { verdict.report("the other team's app has changed") }
        verdict.judgeCoverage(of: EndpointFacts.all)
        return verdict
    }

    /// What the other team sees of its app, which only that team may change.
    private func otherTeam() async throws -> [JSONValue] {
        let run = try await server.other.get("/v1/runs/\(server.stage.otherRun)")
        return [
            try await server.other.get("/v1/apps/\(server.stage.otherApp)").json, run["state"], run["container_id"],
            try await server.other.get("/v1/apps/\(server.stage.otherApp)/releases").json,
        ]
    }
}

// The sending.
extension Attack {
    private func sendAll() async throws -> AttackVerdict {
        let threads = NIOThreadPool(numberOfThreads: Self.workers)
        threads.start()
        let verdict = try await withThrowingTaskGroup(of: AttackVerdict.self) { group in
            for _ in 0..<Self.workers { group.addTask { try await threads.runIfActive { work() } } }
            var verdict = AttackVerdict(secrets: server.secrets)
            for try await part in group { verdict.merge(part) }
            return verdict
        }
        try await threads.shutdownGracefully()
        return verdict
    }

    private func work() -> AttackVerdict {
        var verdict = AttackVerdict(secrets: server.secrets)
        while progress.requests.load(ordering: .relaxed) < count, ContinuousClock.now < end, verdict.violationCount < 50
        {
            let number = progress.connections.add(1, ordering: .relaxed).newValue
            let requests = plan.requests(ofConnection: number)
            progress.requests.add(requests.count, ordering: .relaxed)
            do {
                try exchange(requests, number, &verdict)
            } catch is RawAnswer.Malformed {
                verdict.report("connection \(number): \(requests.map(\.line)) → what is no HTTP response")
            } catch {
                verdict.report("connection \(number): \(error)")
            }
        }
        return verdict
    }

    /// Sends the requests on one connection, at once, one after the other, or in small pieces.
    private func exchange(_ requests: [AttackRequest], _ number: Int, _ verdict: inout AttackVerdict) throws {
        let socket = try RawSocket(port: plan.stage.port)
        var received: [UInt8] = []
        let areBodiless = requests.map(\.isHead)
        for (index, request) in requests.enumerated() {
            send(request.bytes, to: socket, inPieces: number.isMultiple(of: 11))
            guard number.isMultiple(of: 3), index < requests.count - 1 else { continue }
            socket.receive(into: &received, within: .seconds(10)) { bytes in
                Self.isComplete(bytes, count: index + 1, areBodiless)
            }
        }
        let isFramed = requests.last?.isFramed == true
        if !isFramed || number.isMultiple(of: 2) { socket.endSending() }
        let limit = requests.last?.mayStream == true ? Duration.milliseconds(400) : .seconds(isFramed ? 15 : 3)
        socket.receive(into: &received, within: limit) { bytes in
            isFramed && Self.isComplete(bytes, count: requests.count, areBodiless)
        }
        let answers = try RawAnswer.answers(in: received, areBodiless: areBodiless)
        let place = "connection \(number)"
        for (request, answer) in zip(requests, answers) { verdict.judge(answer, to: request, at: place) }
        // What follows a request whose end was unclear may be an answer to anything; no secret may be in it.
        let shows = server.secrets.found(in: received, mayHaveCanary: requests.contains { $0.sender.maySeeCanary })
        if !shows.isEmpty { verdict.report("\(place): \(requests.map(\.line)) shows \(shows)") }
    }

    private func send(_ bytes: [UInt8], to socket: borrowing RawSocket, inPieces: Bool) {
        guard inPieces, bytes.count < 2000 else { return socket.send(bytes) }
        for start in stride(from: 0, to: bytes.count, by: 97) {
            socket.send(Array(bytes[start..<min(bytes.count, start + 97)]))
            usleep(500)
        }
    }

    private static func isComplete(_ bytes: [UInt8], count: Int, _ areBodiless: [Bool]) -> Bool {
        guard let answers = try? RawAnswer.answers(in: bytes, areBodiless: areBodiless) else { return true }
        return answers.count >= count && answers.allSatisfy(\.isComplete)
    }
}

// What the attack destroys and may destroy is made again, so that it goes on with things that exist.
extension Attack {
    private func tidyUp() async throws {
        while !Task.isCancelled {
            progress.mostMemory.max(server.process.residentMemory, ordering: .relaxed)
            // A request may fail, for example while the attack has the host drained.
            try? await tidy()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func tidy() async throws {
        let (admin, stage) = (server.admin, plan.stage)
        for host in try await admin.get("/v1/hosts?limit=1000")["items"].elements where host["name"] != "lab" {
            _ = try await admin.delete("/v1/hosts/\(host["name"].string)?force=true")
        }
        _ = try await admin.post("/v1/hosts/lab/undrain")
        if EndpointFacts.all.contains(where: { $0.path == "/v1/policy" }) {
            _ = try await admin.put("/v1/policy", ["images": ["*"], "host_ports": "any"])
        }
        for app in [stage.ownApp, stage.spareApp] {
            let settings = stage.bodies[Endpoint.replaceApp.facts.id] ?? [:]
            if try await admin.put("/v1/apps/\(app)", settings).status == 404 {
                _ = try await admin.post("/v1/apps", settings.with("name", .string(app)))
            }
        }
        try await tidyRuns(admin)
        try await tidyTokens(admin)
    }

    private func tidyRuns(_ admin: HTTP) async throws {
        let stage = plan.stage
        for action in ["unpause", "start"] { _ = try await admin.post("/v1/runs/\(stage.ownRun)/\(action)") }
        let runs = try await admin.get("/v1/runs?limit=1000&status=R")["items"].elements.map { $0["name"].string }
        let spare = runs.filter { $0 != stage.ownRun && $0 != stage.otherRun }
        stage.live.set(runs: Array(spare.prefix(10)))
        for run in spare.dropFirst(10) { _ = try await admin.delete("/v1/runs/\(run)?force=true") }
        if try await server.http(.deployer).get("/v1/exec/\(stage.live.exec)")["state"] != "running" {
            let session: JSONValue = ["command": ["cat"], "interactive": true]
            let answer = try await server.http(.deployer).post("/v1/runs/\(stage.ownRun)/exec", session)
            if answer.status == 201 { stage.live.set(exec: answer["id"].string) }
        }
    }

    /// Removes the tokens that the attack has made.
    private func tidyTokens(_ admin: HTTP) async throws {
        let known = ["admin", "deployer", "viewer", "other", "other-viewer", "expired"]
        for token in try await admin.get("/v1/tokens?limit=1000")["items"].elements
        where !known.contains(token["name"].string) {
            _ = try await admin.delete("/v1/tokens/\(token["id"].string)")
        }
    }
}

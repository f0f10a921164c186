import DockerEngine
import FoundationEssentials
import Glibc
import JSON
import Testing

/// Repeated `kill -9` under load: of the server on either database, and of the database.
///
/// Answered changes are kept, nothing is doubled, and server and engine agree. `LAB_SOAK` sets the number of rounds.
@Suite(.serialized) struct LossTests {
    let lab: Lab
    private let rounds = ProcessInfo.processInfo.environment["LAB_SOAK"].flatMap { Int($0) } ?? 3

    init() throws { lab = try Lab() }

    @Test(arguments: Database.allCases)
    func `A server that is killed under load loses no answered change`(database: Database) async throws {
        let claims = Claims()
        try await database.with { url in
            try await withDirectory { state in
                for round in 0..<rounds {
                    try await withServer(state, url) { server in
                        if round == 0 { try await define(claims, server.client) }
                        try await work(claims, server.client) {
                            try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                            server.send(SIGKILL)
                        }
                    }
                }
                try await withServer(state, url) { try await check(claims, $0.client) }
            }
        }
        try await clear(claims)
    }

    @Test func `A database that is killed under load loses no answered change`() async throws {
        let claims = Claims()
        try await PrivateMariaDB.with { database in
            let url = "mysql://berth:p%40ss%2Fw%C3%B6rd%3A%25@127.0.0.1:\(database.port)/\(PrivateMariaDB.database)"
            try await withDirectory { state in
                try await withServer(state, url) { server in
                    try await define(claims, server.client)
                    for _ in 0..<rounds {
                        try await work(claims, server.client) {
                            try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                            database.send(SIGKILL)
                        }
                        try await database.restart()
                        try await eventually("the database is used again") {
                            try await server.client.get("/readyz").status == 200
                        }
                    }
                }
                // Changes only in memory are gone; answered changes are not.
                try await withServer(state, url) { try await check(claims, $0.client) }
            }
        }
        try await clear(claims)
    }

    @Test func `The checker finds each kind of error`() async throws {
        let lab = lab
        let claims = Claims()
        try await withDirectory { state in
            try await withServer(state, nil) { server in
                let http = server.client
                try await define(claims, http)
                try await work(claims, http) {}
                try await check(claims, http)
                let name = try #require(claims.all.started.first)
                func expectViolation(_ text: String, _ change: @Sendable (inout Claims.State) -> Void) async throws {
                    let sound = claims.all
                    claims.change(change)
                    // A change behind the server's back is noticed a moment later.
                    try await eventually("the checker says: \(text)") {
                        try await claims.violations(http, lab).contains { $0.contains(text) }
                    }
                    claims.change { $0 = sound }
                }
                try await expectViolation("is not there") { $0.started.insert("web-lost22") }
                try await expectViolation("was answered as removed and is running") { $0.removed.insert(name) }
                try await expectViolation("is not what was answered") { $0.releases[1] = "other" }
                try await expectViolation("keys have brought about") { $0.keyed["another"] = .some(nil) }
                let details = try await runDocker(lab, "inspect", "--format", "{{json .Config.Labels}}", name)
                let labels = try JSONDecoder().decode([String: String].self, from: Data(details.utf8))
                let twin = freshName("twin")
                try await runDocker(
                    socket: lab.engineSocket,
                    ["run", "-d", "--name", twin] + labels.flatMap { ["--label", "\($0)=\($1)"] }
                        + ["busybox", "sleep", "999"]
                )
                try await expectViolation("two containers are of one run") { _ in }
                try await expectViolation("no run has the container") { _ in }
                try await runDocker(lab, "rm", "-f", twin)
                try await runDocker(lab, "rm", "-f", name)
                try await expectViolation("was answered as started and is") { _ in }
            }
        }
        try await clear(claims)
    }
}

extension LossTests {
    private func define(_ claims: Claims, _ http: HTTP) async throws {
        for app in [claims.app, claims.keyedApp] { try await http.define(app, command: ["sleep", "999"]) }
    }

    /// Sends all kinds of changes concurrently until `end` has run.
    private func work(
        _ claims: Claims,
        _ http: HTTP,
        until end: @escaping @Sendable () async throws -> Void
    ) async throws {
        let isOver = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in [run, runKeyed, edit, remove] {
                group.addTask {
                    while isOver.count == 0 {
                        guard (try? await worker(claims, http)) != true else { continue }
                        // Refused by a server or a database that is unreachable or busy.
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
            }
            group.addTask {
                defer { isOver.add() }
                let before = claims.all.started.count + claims.all.removed.count
                try await eventually("two more runs were answered") {
                    claims.all.started.count + claims.all.removed.count >= before + 2
                }
                try await end()
            }
            try await group.waitForAll()
        }
    }

    /// - Returns: like the others, whether the server still answers.
    @Sendable private func run(_ claims: Claims, _ http: HTTP) async throws -> Bool {
        let answer = try await http.post("/v1/apps/\(claims.app)/runs")
        guard answer.status == 201 else { return false }
        let names = answer["items"].elements.map { $0["name"].string }
        claims.change { $0.started.formUnion(names) }
        return true
    }

    @Sendable private func runKeyed(_ claims: Claims, _ http: HTTP) async throws -> Bool {
        let key = claims.openKeys.first ?? freshName("key")
        claims.change { if $0.keyed[key] == nil { $0.keyed[key] = .some(nil) } }
        let answer = try await http.post("/apps/run/\(claims.keyedApp)", key: key)
        // While an earlier attempt is being reconciled, the client must ask again.
        guard answer.status == 201 || answer.status == 409 else { return false }
        let name = answer["name"].string
        if answer.status == 201 { claims.change { $0.keyed[key] = .some(name) } }
        return true
    }

    @Sendable private func edit(_ claims: Claims, _ http: HTTP) async throws -> Bool {
        let value = freshName("n")
        let answer = try await http.patch("/v1/apps/\(claims.app)", ["variables": ["N": .string(value)]])
        guard answer.status == 200, let release = answer["release"].int else { return false }
        claims.change { $0.releases[release] = value }
        try await Task.sleep(for: .milliseconds(50))
        return true
    }

    @Sendable private func remove(_ claims: Claims, _ http: HTTP) async throws -> Bool {
        try await Task.sleep(for: .milliseconds(600))
        guard let name = claims.takeStarted() else { return true }
        let answer = try await http.delete("/v1/runs/\(name)?force=true")
        guard answer.status == 200 else { return false }
        claims.change { $0.removed.insert(name) }
        return true
    }

    private func check(_ claims: Claims, _ http: HTTP) async throws {
        for key in claims.openKeys {
            try await eventually("\(key) is answered") {
                let answer = try await http.post("/apps/run/\(claims.keyedApp)", key: key)
                let name = answer["name"].string
                if answer.status == 201 { claims.change { $0.keyed[key] = .some(name) } }
                return answer.status == 201
            }
        }
        var found: [String] = []
        // Operations that were running when the server died are being reconciled.
        _ = try? await eventually("all is as it was answered") {
            found = try await claims.violations(http, lab)
            return found.isEmpty
        }
        #expect(found == [])
        #expect(claims.all.started.count + claims.all.removed.count >= 2)
        #expect(!claims.all.keyed.isEmpty)
        #expect(!claims.all.releases.isEmpty)
    }

    private func clear(_ claims: Claims) async throws {
        try await lab.removeContainers(ofApp: claims.app)
        try await lab.removeContainers(ofApp: claims.keyedApp)
    }

    private func withServer(
        _ state: String,
        _ database: String?,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Void
    ) async throws {
        try await BerthProcess.with(
            hosts: ["lab=\(lab.sshEndpoint)"],
            stateDirectory: state,
            sshConfig: lab.sshConfig,
            database: database
        ) { server in
            try await server.client.waitForHost("lab", "connected")
            try await body(server)
        }
    }
}

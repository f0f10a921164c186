import BerthAPI
import DockerEngine
import FakeEngine
import FoundationEssentials
import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// Secrets of apps and logins for registries on a real engine: they arrive where they are needed, and nowhere else.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SecretsTests {
    private static let noHost = ["none=unix:///run/no.sock"]
    private let lab: Lab
    /// The value of a secret.
    private let canary = "canary-secret-" + freshName()

    init() throws { lab = try Lab() }

    private var canaries: [String] { [canary, PrivateRegistry.password] }

    private func definition(_ app: String, image: String, _ command: String) -> JSONValue {
        ["name": .string(app), "image": .string(image), "command": .string(command), "stop_timeout": 0]
    }

    @Test func `A run has its secrets, its image is pulled with the login, and neither is shown anywhere`() async throws
    {
        let (lab, canary, canaries) = (lab, canary, canaries)
        let app = freshName("app")
        let result = await Result(catching: {
            try await PrivateRegistry.with { registry in
                let image = try await registry.push(to: lab)
                let options = ["--log-level", "trace", "--container-metrics"]
                try await BerthProcess.with(
                    hosts: ["lab=\(lab.sshEndpoint)"],
                    sshConfig: lab.sshConfig,
                    options: options
                ) { server in
                    let http = server.client
                    try await http.waitForHost("lab", "connected")
                    let shown = Names()
                    let isOpen = Counter()
                    try await withTask {
                        try? await http.follow(isOpen: isOpen) { event in
                            shown.add("\(event.event) \(event.data.text)")
                            return true
                        }
                    } during: {
                        try await eventually("events are followed") { isOpen.count > 0 }
                        try await use(app, image, registry, http, shown)
                    }
                    try await collect(from: server, app, shown)
                    try expectNoCanary(canaries, in: shown.all)
                    // It is in the place where it is needed.
                    let runs = try await http.get("/v1/runs?app=\(app)&state=running")["items"].elements
                    let run = try #require(runs.first)["name"].string
                    #expect(try await runDocker(lab, "exec", run, "sh", "-c", "printf %s $TOKEN") == canary)
                    try expectNoCanary(canaries, inFilesOf: server.stateDirectory)
                }
                try await lab.removeContainers(ofApp: app)
                try await runDocker(lab, "rmi", image)
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    /// Goes through the main flows, also those that fail.
    private func use(
        _ app: String,
        _ image: String,
        _ registry: PrivateRegistry,
        _ http: HTTP,
        _ shown: Names
    ) async throws {
        func note(_ answer: HTTP.Answer) -> HTTP.Answer {
            shown.add("\(answer.headers) \(answer.text)")
            return answer
        }
        let settings = definition(app, image: image, "sh -c 'echo length ${#TOKEN}; sleep 1000'")
        #expect(note(try await http.post("/v1/apps", settings)).status == 201)
        let secret = "/v1/apps/\(app)/secrets/TOKEN"
        #expect(note(try await http.put(secret, ["value": .string(canary)])).status == 204)
        // Without a login, with a wrong one, and with the right one.
        #expect(note(try await http.post("/v1/apps/\(app)/runs")).status == 502)
        let path = "/v1/registries/\(registry.server)"
        for (password, status) in [("canary-wrong-9c", 502), (PrivateRegistry.password, 201)] {
            let login: JSONValue = ["username": .string(PrivateRegistry.username), "password": .string(password)]
            #expect(note(try await http.put(path, login)).status == 204)
            #expect(note(try await http.post("/v1/apps/\(app)/runs")).status == status)
        }
        #expect(note(try await http.get(path))["username"].string == PrivateRegistry.username)
        let pull = note(try await http.post("/v1/images/pull", ["image": .string(image), "host": "lab"]))
        #expect(pull.text.contains("image_id"))
        let missing: JSONValue = ["image": .string("\(registry.server)/missing:1"), "host": "lab"]
        #expect(note(try await http.post("/v1/images/pull", missing)).text.contains("engine_error"))
        // A start that the engine refuses, and a value that the server refuses.
        #expect(note(try await http.post("/v1/apps/\(app)/runs", ["command": ["/no/such/program"]])).status >= 400)
        #expect(note(try await http.put(secret, ["value": [.string(canary)]])).status == 422)
        let runs = try await http.get("/v1/runs?app=\(app)&state=running")["items"].elements
        let run = try #require(runs.first)["name"].string
        let command: JSONValue = ["command": ["sh", "-c", "echo ${#TOKEN}"]]
        let exec = note(try await http.post("/v1/runs/\(run)/exec", command))
        #expect(exec.text.contains("\(canary.utf8.count)"))
        for action in ["restart", "pause", "unpause"] {
            #expect(note(try await http.post("/v1/runs/\(run)/\(action)")).status == 200)
        }
        #expect(note(try await http.patch("/v1/apps/\(app)", ["variables": ["A": "1"]])).status == 200)
    }

    /// Adds everything that the server shows, and what other users of its machine can see.
    private func collect(from server: BerthProcess, _ app: String, _ shown: Names) async throws {
        let run = try await server.client.get("/v1/runs?app=\(app)&state=running")["items"].elements.first
        for path in [
            "/v1/apps", "/v1/apps/\(app)", "/apps/\(app)", "/apps/", "/apps/containers", "/v1/apps/\(app)/releases",
            "/v1/apps/\(app)/secrets", "/v1/apps/\(app)/logs", "/v1/runs?app=\(app)", "/v1/registries", "/v1/hosts",
            "/v1/images?host=lab", "/v1/runs/\(run?["name"].string ?? "")/logs", "/metrics", "/v1/version",
            "/openapi.json", "/docs", "/v1/me", "/v1/tokens", "/readyz",
        ] {
            let answer = try await server.client.get(path)
            #expect(answer.status == 200, "\(path)")
            shown.add("\(path) \(answer.headers) \(answer.text)")
        }
        #expect(server.log.contains("A step of a run's start"))
        shown.add(server.log)
        for process in [server.processID] + Processes.children(of: server.processID) {
            shown.add(
                String(
                    decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(),
                    as: UTF8.self
                )
            )
        }
        let backup = server.stateDirectory + "/backup"
        let made = try await runBerth("backup", backup, "--state-dir", server.stateDirectory)
        #expect(made.isSuccess, "\(made.error)")
        shown.add(made.output + made.error)
    }

    private func expectNoCanary(_ canaries: [String], in texts: [String]) throws {
        #expect(texts.count > 40)
        for text in texts {
            for canary in canaries + ["canary-wrong-9c"] {
                let place = text.firstRange(of: canary)?.lowerBound
                #expect(place == nil, "\(place.map { text[..<$0].suffix(200) } ?? "")")
            }
        }
    }

    /// The database, its log and the backup have the values only encrypted.
    private func expectNoCanary(_ canaries: [String], inFilesOf directory: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        for name in ["backup", "berth.db", "secret-key", "log"] { #expect(names.contains(name)) }
        for name in names {
            guard let data = FileManager.default.contents(atPath: directory + "/" + name) else { continue }
            for canary in canaries { #expect(data.firstRange(of: Data(canary.utf8)) == nil, "\(name)") }
        }
    }

    @Test func `Secrets do not become variables of an app that is rebuilt from its containers`() async throws {
        let (lab, canary) = (lab, canary)
        let app = freshName("app")
        let settings = definition(app, image: "busybox", "sleep 1000")
        let result = await Result(catching: {
            try await withDirectory { state in
                let host = ["lab=\(lab.unixEndpoint)"]
                try await BerthProcess.with(hosts: host, stateDirectory: state) { server in
                    let made = try await server.client.post("/v1/apps", settings)
                    #expect(made.status == 201)
                    let body: JSONValue = ["value": .string(canary)]
                    let set = try await server.client.put("/v1/apps/\(app)/secrets/TOKEN", body)
                    #expect(set.status == 204)
                    _ = try await server.client.patch("/v1/apps/\(app)", ["variables": ["A": "1"]])
                    _ = try await server.client.run(app)
                }
                for suffix in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: state + "/berth.db" + suffix)
                }
                try await BerthProcess.with(hosts: host, stateDirectory: state) { server in
                    try await eventually("the app is adopted") {
                        try await server.client.get("/v1/apps/\(app)").status == 200
                    }
                    let adopted = try await server.client.get("/v1/apps/\(app)")
                    #expect(adopted["variables"] == ["A": "1"])
                    #expect(!adopted.text.contains(canary) && !server.log.contains(canary))
                    let secrets = try await server.client.get("/v1/apps/\(app)/secrets")
                    #expect(secrets["items"].elements.isEmpty)
                }
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    @Test(arguments: ["after-new-key", "after-encryption"])
    func `A killed replacement of the key leaves all secrets readable, and can be repeated`(point: String) async throws
    {
        try await withSecret { state, socket in
            let (key, command) = (state + "/secret-key", ["secrets", "rotate-key", "--state-dir", state])
            let old = try String(contentsOfFile: key, encoding: .utf8)
            let killed = try await runBerth(arguments: command, environment: ["BERTH_FAULT_POINT": point])
            #expect(killed.status == .signaled(SIGKILL))
            try await expectSecret(state, socket)
            #expect(try (String(contentsOfFile: key, encoding: .utf8) == old) == (point == "after-new-key"))
            for _ in 0..<2 {
                let again = try await runBerth(arguments: command)
                #expect(again.output.hasPrefix("berth encrypted 1 secret "), "\(again)")
                try await expectSecret(state, socket)
            }
            #expect(!FileManager.default.fileExists(atPath: key + ".new"))
        }
    }

    @Test func `The key is not replaced while a server runs, and without a database`() async throws {
        try await withSecret { state, socket in
            try await BerthProcess.with(hosts: ["fake=unix://\(socket)"], stateDirectory: state) { _ in
                let refused = try await runBerth("secrets", "rotate-key", "--state-dir", state)
                #expect(refused.isRefusal && refused.error.contains("Stop it first"), "\(refused.error)")
            }
            let other = "sqlite:\(state)/none.db"
            let refused = try await runBerth("secrets", "rotate-key", "--state-dir", state, "--database", other)
            #expect(refused.isRefusal && refused.error.contains("no database"), "\(refused.error)")
        }
    }

    @Test func `A start with a wrong, missing or open key file is refused with one line`() async throws {
        try await withSecret { state, _ in
            let key = state + "/secret-key"
            let start = ["serve", "--listen", "127.0.0.1:0", "--state-dir", state, "--host", Self.noHost[0]]
            let right = try String(contentsOfFile: key, encoding: .utf8)
            chmod(key, 0o644)
            try await expectRefusal(start, "chmod 600")
            try FileManager.default.removeItem(atPath: key)
            try await expectRefusal(start, "there is no key file \(key)")
            try write(Data(repeating: 1, count: 32).base64EncodedString(), to: key)
            try await expectRefusal(start, "is not the key of the secrets")
            try write("none", to: key)
            try await expectRefusal(start, "has no key")
            try write(right, to: key + "-elsewhere")
            try await BerthProcess.with(
                hosts: Self.noHost,
                stateDirectory: state,
                options: ["--secret-key-file", key + "-elsewhere"]
            ) { server in
                let secrets = try await server.client.get("/v1/apps/web/secrets")
                #expect(secrets["items"].elements.count == 1)
            }
        }
    }

    @Test func `A restored backup works with the key file that belongs to it`() async throws {
        try await withSecret { state, socket in
            try await withDirectory { other in
                let file = other + "/backup"
                #expect(try await runBerth("backup", file, "--state-dir", state).isSuccess)
                #expect(try await runBerth("restore", file, "--state-dir", other).isSuccess)
                let key = try String(contentsOfFile: state + "/secret-key", encoding: .utf8)
                try write(key, to: other + "/secret-key")
                try await expectSecret(other, socket)
            }
        }
    }

    private func write(_ text: String, to path: String) throws {
        let isMade = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
        guard isMade, chmod(path, 0o600) == 0 else { throw LabError("\(path) cannot be written") }
    }

    private func expectRefusal(_ arguments: [String], _ words: String) async throws {
        let refused = try await runBerth(arguments: arguments)
        #expect(refused.isRefusal && refused.error.contains(words), "\(refused.error)")
    }

    /// Calls `body` with the state directory of a server that has ended, whose app `web` has one secret, and the socket
    /// of a simulated engine.
    private func withSecret(_ body: @escaping @Sendable (_ state: String, _ socket: String) async throws -> Void)
        async throws
    {
        let (canary, settings) = (canary, definition("web", image: "busybox", "sleep 1000"))
        try await withDirectory { state in
            try await FakeEngine.with(at: state + "/docker.sock") { engine in
                try await BerthProcess.with(hosts: ["fake=\(engine.endpoint)"], stateDirectory: state) { server in
                    let made = try await server.client.post("/v1/apps", settings)
                    #expect(made.status == 201)
                    let set = try await server.client.put("/v1/apps/web/secrets/TOKEN", ["value": .string(canary)])
                    #expect(set.status == 204)
                }
                try await body(state, engine.socket)
            }
        }
    }

    /// Starts a server, and expects that it can start a run with the secret.
    private func expectSecret(_ state: String, _ socket: String) async throws {
        let host = ["fake=unix://\(socket)"]
        try await BerthProcess.with(hosts: host, stateDirectory: state) { server in
            try await server.client.waitForHost("fake", "connected")
            let started = try await server.client.post("/v1/apps/web/runs")
            #expect(started.status == 201, "\(started.text)")
        }
    }
}

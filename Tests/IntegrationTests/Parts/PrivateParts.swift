import FoundationEssentials
import Glibc
import JSON

/// A private engine, which a test can kill and stop.
struct PrivateEngine: Sendable {
    let directory: String

    var socket: String { directory + "/docker.sock" }
    var processID: pid_t { Self.processID(in: directory + "/dockerd.pid") }

    /// Starts one with the lab's images, calls `body`, and removes it in any state.
    static func with<Result>(
        options: [String] = [],
        _ body: (PrivateEngine) async throws -> Result
    ) async throws -> Result {
        let engine = PrivateEngine(directory: "/tmp/be-" + String(UInt32.random(in: .min ... .max), radix: 36))
        do {
            try await start(engine, options)
            let result = try await body(engine)
            try await runScript("engine", "down", engine.directory)
            return result
        } catch {
            _ = try? await runScript("engine", "down", engine.directory)
            throw error
        }
    }

    private static func start(_ engine: PrivateEngine, _ options: [String]) async throws {
        try await runScript("engine", arguments: ["up", engine.directory] + options)
        try await runScript("images", engine.socket)
    }

    func restart() async throws { try await runScript("engine", "restart", directory) }

    func send(_ signal: Int32) { kill(processID, signal) }

    static func processID(in file: String) -> pid_t {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").first.flatMap { pid_t($0) } ?? -1
    }
}

/// A private podman with the Docker API.
struct PrivatePodman: Sendable {
    let directory: String

    var socket: String { directory + "/podman.sock" }

    /// Starts one with the lab's images, calls `body`, and removes it in any state.
    static func with<Result>(_ body: (PrivatePodman) async throws -> Result) async throws -> Result {
        let podman = PrivatePodman(directory: "/tmp/bp-" + String(UInt32.random(in: .min ... .max), radix: 36))
        do {
            try await podman.start()
            try await runScript("images", podman.socket)
            let result = try await body(podman)
            try await runScript("podman", "down", podman.directory)
            return result
        } catch {
            _ = try? await runScript("podman", "down", podman.directory)
            throw error
        }
    }

    func start() async throws { try await runScript("podman", "up", directory) }

    /// Kills it and its containers, as if the host had lost power.
    func cutOff() { kill(PrivateEngine.processID(in: directory + "/podman.pid"), SIGKILL) }
}

/// A private registry that needs a login.
struct PrivateRegistry: Sendable {
    static let username = "deploy"
    static let password = "canary-password-7d1f0a"
    /// Of the password, by bcrypt.
    private static let hash = "$2b$04$9EKGK6OcB1p3vSHTqHgnZOEOI7l/8RANIiOkZqAMn57DhlIbzj9.y"

    let directory: String
    /// `127.0.0.1:PORT`.
    let server: String

    /// Starts one, calls `body`, and removes it in any state.
    static func with<Result>(_ body: (PrivateRegistry) async throws -> Result) async throws -> Result {
        let directory = "/tmp/br-" + String(UInt32.random(in: .min ... .max), radix: 36)
        do {
            let server = try await runScript("registry", "up", directory, "\(username):\(hash)")
            let result = try await body(PrivateRegistry(directory: directory, server: server))
            try await runScript("registry", "down", directory)
            return result
        } catch {
            _ = try? await runScript("registry", "down", directory)
            throw error
        }
    }

    /// Pushes busybox under a fresh name, and removes that name from the engine.
    ///
    /// - Returns: the name.
    func push(to lab: Lab) async throws -> String {
        let image = "\(server)/\(freshName()):1"
        let pair = Data("\(Self.username):\(Self.password)".utf8).base64EncodedString()
        let login: JSONValue = ["auths": .object([server: ["auth": .string(pair)]])]
        let config = directory + "/docker"
        try FileManager.default.createDirectory(atPath: config, withIntermediateDirectories: true)
        try login.text.write(toFile: config + "/config.json", atomically: true, encoding: .utf8)
        try await runDocker(lab, "tag", "busybox", image)
        try await runDocker(lab, "--config", config, "push", image)
        try await runDocker(lab, "rmi", image)
        return image
    }
}

/// A private SSH server.
struct PrivateSSHServer: Sendable {
    let directory: String
    let port: String

    var config: String { directory + "/ssh_config" }
    var log: String { (try? String(contentsOfFile: directory + "/sshd.log", encoding: .utf8)) ?? "" }
    var processID: pid_t { PrivateEngine.processID(in: directory + "/sshd.pid") }
    /// The processes that serve its connections.
    var sessions: [pid_t] {
        let direct = Processes.children(of: processID)
        return direct + direct.flatMap(Processes.children(of:))
    }

    func endpoint(socket: String) -> String { "ssh://root@127.0.0.1:\(port)\(socket)" }

    /// - Parameter options: `Keyword=value` of sshd_config.
    static func with<Result>(
        options: [String] = [],
        _ body: (PrivateSSHServer) async throws -> Result
    ) async throws -> Result {
        let directory = "/tmp/bs-" + String(UInt32.random(in: .min ... .max), radix: 36)
        do {
            let address = try await runScript("sshd", arguments: ["up", directory] + options)
            let port = address.split(separator: ":").last.map(String.init) ?? ""
            let result = try await body(PrivateSSHServer(directory: directory, port: port))
            try await runScript("sshd", "down", directory)
            return result
        } catch {
            _ = try? await runScript("sshd", "down", directory)
            throw error
        }
    }

    func stop() async throws { try await runScript("sshd", "stop", directory) }

    func start() async throws { try await runScript("sshd", "up", directory) }

    /// The fingerprint of its host key, as `ssh-keygen` prints it.
    func fingerprint() async throws -> String {
        let line = try await runTool("ssh-keygen", "-lf", directory + "/host_key.pub")
        return line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }

    /// Ends it with all of its sessions, and starts it with another host key on the same port.
    func changeHostKey() async throws {
        try await stop()
        for name in ["host_key", "host_key.pub"] { try FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
        try await start()
    }
}

extension PrivateSSHServer {
    /// The `cat` processes that hold its sessions open.
    var commands: [pid_t] {
        let shells = sessions.flatMap(Processes.children(of:))
        return Set(sessions + shells).filter { process in
            let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
            return name == "cat\n"
        }.sorted()
    }
}

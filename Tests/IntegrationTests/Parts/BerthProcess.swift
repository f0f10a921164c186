import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import Testing

/// The real `berth serve`, as its own process.
struct BerthProcess: Sendable {
    let client: HTTP
    let processID: pid_t
    let stateDirectory: String

    /// Starts it, calls `body` when it is ready, and ends it by SIGTERM afterwards, unless it has ended already.
    ///
    /// - Parameters:
    ///   - hosts: `name=endpoint`; the first is the default.
    ///   - stateDirectory: of an earlier start; a fresh one if nil.
    ///   - sshConfig: `--ssh-config`; the user's own if nil.
    ///   - options: more of its flags.
    ///   - database: its URL; SQLite in the state directory if nil.
    ///   - hasAuthentication: whether requests need a token; the client sends the administrator's.
    ///   - launcher: a program and its arguments that starts it as its child, such as `faketime`.
    static func with<Result: Sendable>(
        hosts: [String],
        stateDirectory: String? = nil,
        sshConfig: String? = nil,
        options: [String] = [],
        database: String? = nil,
        hasAuthentication: Bool = false,
        environment: [String: String] = [:],
        launcher: [String] = [],
        _ body: @escaping @Sendable (BerthProcess) async throws -> Result
    ) async throws -> Result {
        guard let stateDirectory else {
            return try await withDirectory { directory in
                try await with(
                    hosts: hosts,
                    stateDirectory: directory,
                    sshConfig: sshConfig,
                    options: options,
                    database: database,
                    hasAuthentication: hasAuthentication,
                    environment: environment,
                    launcher: launcher,
                    body
                )
            }
        }
        var arguments =
            launcher + [
                binary, "serve", "--listen", "127.0.0.1:0", "--state-dir", stateDirectory, "--log-level", "info",
            ]
        if !hasAuthentication { arguments.append("--no-auth") }
        for host in hosts { arguments += ["--host", host] }
        if let sshConfig { arguments += ["--ssh-config", sshConfig] }
        arguments += options
        var environment = environment
        environment["BERTH_DATABASE"] = database
        return try await run(arguments, stateDirectory, environment, body)
    }

    /// - Parameter command: the server's, or one that starts it as its child.
    private static func run<Result: Sendable>(
        _ command: [String],
        _ stateDirectory: String,
        _ environment: [String: String],
        _ body: @escaping @Sendable (BerthProcess) async throws -> Result
    ) async throws -> Result {
        let log = try FileDescriptor.open(
            FilePath(stateDirectory + "/log"),
            .writeOnly,
            options: [.create, .append],
            permissions: .ownerReadWrite
        )
        let changes = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1 as String?) }
        )
        let result = try await Subprocess.run(
            command[0] == binary ? .path(FilePath(binary)) : .name(command[0]),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(changes),
            input: .none,
            output: .sequence,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { process in
            guard let url = try await readyURL(process.standardOutput) else {
                throw LabError("berth did not become ready: \(Self.log(in: stateDirectory))")
            }
            let started = process.processIdentifier.value
            let processID = command[0] == binary ? started : Processes.children(of: started).first ?? started
            return try await HTTP.with(url: url) { client in
                let server = BerthProcess(
                    client: client.with(token: command.contains("--no-auth") ? nil : adminToken(in: stateDirectory)),
                    processID: processID,
                    stateDirectory: stateDirectory
                )
                do {
                    let result = try await body(server)
                    server.send(SIGTERM)
                    return result
                } catch {
                    server.send(SIGTERM)
                    throw LabError("\(error)\n--- berth's log:\n\(Self.log(in: stateDirectory).suffix(4000))")
                }
            }
        }
        return result.closureResult
    }

    static var binary: String { Lab.packageDirectory + "/.build/debug/berth" }

    private static func readyURL(_ output: SubprocessOutputSequence) async throws -> String? {
        for try await line in output.strings() {
            // Text or JSON, depending on the log format.
            if let url = line.firstMatch(of: #/berth is ready on ([^,]+),/#)?.1 { return String(url) }
        }
        return nil
    }

    private static func log(in directory: String) -> String {
        (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
    }

    /// The token that the first start has made; nil if there is none.
    static func adminToken(in stateDirectory: String) -> String? {
        try? String(contentsOfFile: stateDirectory + "/admin-token", encoding: .utf8)
            .split(separator: "\n").first.map(String.init)
    }

    var log: String { Self.log(in: stateDirectory) }

    func send(_ signal: Int32) { kill(processID, signal) }

    var isRunning: Bool { Processes.isRunning(processID) }

    /// The memory that it uses, in bytes.
    var residentMemory: Int {
        let text = (try? String(contentsOfFile: "/proc/\(processID)/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    /// The ssh processes of this server's tunnels.
    var tunnels: [pid_t] { Processes.tunnels(into: stateDirectory + "/ssh/") }
}

/// Information from `/proc` about other processes.
enum Processes {
    static func isRunning(_ process: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return false }
        return !text[end...].hasPrefix(") Z")
    }

    /// Whether SIGSTOP has taken effect, which happens a moment after it was sent.
    static func isStopped(_ process: pid_t) -> Bool {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        return text.contains(") T ")
    }

    /// Every `ssh` that forwards a socket in this directory.
    static func tunnels(into directory: String) -> [pid_t] {
        all().filter { process in
            let arguments = arguments(of: process)
            return arguments.first?.hasSuffix("ssh") == true && arguments.contains { $0.hasPrefix(directory) }
        }
    }

    static func children(of parent: pid_t) -> [pid_t] {
        all().filter { process in
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = text.suffix(from: text.lastIndex(of: ")") ?? text.startIndex).split(separator: " ")
            return fields.count > 2 && fields[2] == "\(parent)"
        }
    }

    static func all() -> [pid_t] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        } catch {
            Issue.record("/proc cannot be listed: \(error)")
            return []
        }
    }

    private static func arguments(of process: pid_t) -> [String] {
        let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}

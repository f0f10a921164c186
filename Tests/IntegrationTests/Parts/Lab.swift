import DockerEngine
import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The real parts that `Lab/up` started.
struct Lab: Sendable {
    let engineSocket: String
    let sshDirectory: String
    let sshPort: String
    let sshUser: String
    let registry: String

    /// - Throws: if the lab is not up; `make test` starts it.
    init() throws {
        func value(_ name: String) throws -> String {
            guard let value = ProcessInfo.processInfo.environment[name] else {
                throw LabError("\(name) is not set: run make test")
            }
            return value
        }
        engineSocket = try value("LAB_ENGINE_SOCKET")
        sshDirectory = try value("LAB_SSH_DIR")
        sshPort = try value("LAB_SSH_PORT")
        sshUser = try value("LAB_SSH_USER")
        registry = try value("LAB_REGISTRY")
    }

    /// The engine behind the lab's own sshd.
    var sshEndpoint: String { "ssh://\(sshUser)@127.0.0.1:\(sshPort)\(engineSocket)" }
    var unixEndpoint: String { "unix://\(engineSocket)" }
    var sshConfig: String { sshDirectory + "/ssh_config" }

    /// Calls `body` with a client directly on the lab's engine socket, for the true state to compare with.
    func withEngine<Result: Sendable>(_ body: @escaping @Sendable (Engine) async throws -> Result) async throws
        -> Result
    {
        try await EngineTransport.withUnixSocket(engineSocket) { transport in
            try await body(Engine.negotiated(over: transport))
        }
    }

    /// The containers that were run from an app of this name, as the engine lists them.
    func containers(ofApp app: String) async throws -> [ContainerSummary] {
        try await withEngine { try await $0.containers(labels: ["berth.app=\(app)"]) }
    }

    /// Removes every container that was run from an app of this name.
    func removeContainers(ofApp app: String) async throws {
        try await withEngine { engine in
            for container in try await engine.containers(labels: ["berth.app=\(app)"]) {
                try await engine.removeContainer(container.id, force: true)
            }
        }
    }

    static var packageDirectory: String {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .removingLastComponent().string
    }
}

struct LabError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The connection type by which a test reaches the lab's engine.
enum Way: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case unixSocket
    case ssh

    var testDescription: String { rawValue }

    func endpoint(_ lab: Lab) -> String {
        switch self {
        case .unixSocket: lab.unixEndpoint
        case .ssh: lab.sshEndpoint
        }
    }
}

/// Calls `body` with a fresh short directory and removes it afterwards.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = "/tmp/bt-" + String(UInt32.random(in: .min ... .max), radix: 36)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A name that no other test uses.
func freshName(_ prefix: String = "t") -> String {
    prefix + "-" + String(UInt32.random(in: .min ... .max), radix: 36)
}

/// Waits until `condition` holds.
///
/// - Returns: how long that took.
@discardableResult
func eventually(
    within limit: Duration = .timeout,
    _ what: String,
    _ condition: () async throws -> Bool
) async throws -> Duration {
    let clock = ContinuousClock()
    let start = clock.now
    while clock.now - start < limit {
        if try await condition() { return clock.now - start }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw LabError("not within \(limit): \(what)")
}

/// Runs one of the lab's scripts and returns what it printed.
@discardableResult
func runScript(_ name: String, _ arguments: String...) async throws -> String {
    try await runScript(name, arguments: arguments)
}

@discardableResult
func runScript(_ name: String, arguments: [String]) async throws -> String {
    let result = try await Subprocess.run(
        .path(FilePath(Lab.packageDirectory + "/Lab/" + name)),
        arguments: Arguments(arguments),
        output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20)
    )
    guard result.terminationStatus.isSuccess else {
        throw LabError("Lab/\(name) \(arguments) failed: \(result.standardError)")
    }
    return result.standardOutput.split(separator: "\n").joined(separator: "\n")
}

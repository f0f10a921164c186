import DockerEngine
import NIOCore
import Subprocess
import Synchronization

/// Runs the `docker` command against the lab's engine, as a user would behind the server's back.
@discardableResult
func runDocker(_ lab: Lab, _ arguments: String...) async throws -> String {
    try await runDocker(socket: lab.engineSocket, arguments)
}

@discardableResult
func runDocker(socket: String, _ arguments: [String]) async throws -> String {
    try await runTool("docker", arguments: ["-H", "unix://\(socket)"] + arguments)
}

/// Runs a program of the machine and returns its output.
@discardableResult
func runTool(_ name: String, _ arguments: String...) async throws -> String {
    try await runTool(name, arguments: arguments)
}

@discardableResult
func runTool(_ name: String, arguments: [String]) async throws -> String {
    let result = try await Subprocess.run(
        .name(name),
        arguments: Arguments(arguments),
        output: .string(limit: 4 << 20),
        error: .string(limit: 1 << 20)
    )
    guard result.terminationStatus.isSuccess else {
        throw LabError("\(name) \(arguments) failed: \(result.standardError)")
    }
    return result.standardOutput.split(separator: "\n").joined(separator: "\n")
}

/// A counter for many tasks.
final class Counter: Sendable {
    private let value = Mutex(0)

    func add() { value.withLock { $0 += 1 } }

    var count: Int { value.withLock { $0 } }
}

/// A collection of names for many tasks.
final class Names: Sendable {
    private let names = Mutex<[String]>([])

    func add(_ name: String) { names.withLock { $0.append(name) } }

    var all: [String] { names.withLock { $0 } }
}

extension Engine {
    /// The output of a container without a terminal so far.
    func log(of container: ContainerID) async throws -> String {
        var bytes = ByteBuffer()
        for try await chunk in try await logs(of: container, follow: false, hasTTY: false) {
            bytes.writeImmutableBuffer(chunk.bytes)
        }
        return String(buffer: bytes)
    }
}

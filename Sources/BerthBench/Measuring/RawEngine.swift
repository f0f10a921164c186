import DockerEngine
import FoundationEssentials
import Glibc
import Logging

/// This program's own connection to the engine of a host, of the same kind as the server's.
struct RawEngine: Sendable {
    let address: EngineAddress
    let ssh: SSHSettings

    /// - Throws: `BenchError` if the endpoint is invalid.
    init(endpoint: String, ssh: SSHSettings) throws {
        do {
            address = try EngineAddress(endpoint)
        } catch {
            throw BenchError("the endpoint \(endpoint) is invalid: \(error.message)")
        }
        self.ssh = ssh
    }

    /// Opens the connection, passes the engine to `body`, and closes it.
    func whileOpen<Result: Sendable>(
        _ body: @escaping @Sendable (Engine) async throws -> Result
    ) async throws -> Result {
        try await withPrivateDirectory { directory in
            // A directory of its own, since the server at its start ends every ssh that it finds in its directory.
            let ssh = SSHSettings(
                directory: directory,
                knownHostsFile: ssh.knownHostsFile,
                configuration: ssh.configuration
            )
            let silent = Logger(label: "berth.bench") { _ in SwiftLogNoOpLogHandler() }
            return try await address.withTransport(ssh: ssh, logger: silent) { transport in
                try await body(Engine.negotiated(over: transport))
            }
        }
    }

    /// Nil if the connection can be opened, otherwise the reason.
    func refusal() async throws -> String? {
        do {
            try await whileOpen { _ in }
            return nil
        } catch {
            try Task.checkCancellation()
            return "\(address) cannot be reached from here: \(words(for: error))"
        }
    }
}

/// Calls `body` with a new directory that no other user can access, and removes it afterwards.
private func withPrivateDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array((temporaryDirectory + newName).utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchError("cannot create a directory in \(temporaryDirectory)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

private let newName = "/berth-bench-XXXXXX"

/// `TMPDIR`, unless it is too long for the sockets in it or contains characters that are special to ssh.
private var temporaryDirectory: String {
    guard let path = ProcessInfo.processInfo.environment["TMPDIR"], path.hasPrefix("/"),
        path.utf8.count + newName.utf8.count <= SSHSettings.maximumDirectoryBytes,
        !path.utf8.contains(where: { $0 <= 32 || $0 >= 127 || ":%\"\\$~".utf8.contains($0) })
    else { return "/tmp" }
    return path
}

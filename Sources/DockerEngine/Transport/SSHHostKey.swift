import Crypto
import FoundationEssentials
import Glibc
import Synchronization

/// The key by which an SSH server proved its identity.
package struct SSHHostKey: Sendable, Equatable {
    /// In OpenSSH's format: `SHA256:` and 43 characters of base64.
    package let fingerprint: String
    /// The server's name, the key's type and the key, in the format of known_hosts.
    private let line: String

    /// Parses a line of known_hosts whose name is not hashed.
    init?(knownHostsLine line: String) {
        let fields = line.split(separator: " ")
        guard fields.count >= 3, let key = Data(base64Encoded: String(fields[2])) else { return nil }
        let digest = Data(SHA256.hash(data: key)).base64EncodedString()
        fingerprint = "SHA256:" + digest.prefix { $0 != "=" }
        self.line = fields.prefix(3).joined(separator: " ")
    }

    /// Requests the server's key, without a login.
    ///
    /// - Returns: nil when the server presents no key within 20 s.
    package static func presented(by destination: SSHDestination, settings: SSHSettings) async throws -> SSHHostKey? {
        let file = settings.freshPath() + ".key"
        defer { unlink(file) }
        let arguments =
            settings.commonArguments(try await SSHVersion.installed(settings))
            + [
                "-o", "ControlMaster=no", "-o", "ControlPath=none",
                // The key is written to a separate file; no authentication method is left to try.
                "-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=\"\(file)\"",
                "-o", "GlobalKnownHostsFile=/dev/null", "-o", "HashKnownHosts=no",
                "-o", "PreferredAuthentications=none", "-N",
            ] + destination.arguments
        _ = try await SSHProcess(arguments: arguments, settings: settings).run(within: .seconds(20))
        let known = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return known.split(separator: "\n").lazy.compactMap { SSHHostKey(knownHostsLine: String($0)) }.first
    }

    /// Adds this key to the approved ones, and replaces an earlier one of the same server and type.
    package func approve(in settings: SSHSettings) throws {
        try Self.approval.withLock { _ in try add(to: settings.knownHostsFile) }
    }

    /// Held while the file of approved keys is replaced, so that concurrent approvals are not lost.
    private static let approval = Mutex(())

    private func add(to file: String) throws {
        let owner = line.split(separator: " ").prefix(2).joined(separator: " ") + " "
        let known = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let kept = known.split(separator: "\n").filter { !$0.hasPrefix(owner) }.map { $0 + "\n" }
        let text = kept.joined() + line + "\n"
        try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
        chmod(file, 0o600)
    }
}

import Synchronization

/// A local socket from which an SSH connection leads to an engine.
package struct SSHEndpoint: Sendable {
    let socketPath: String
    /// How many connections it accepts at once; nil if the SSH server sets no limit.
    let maximumConnections: Int?
    let remarks: SSHRemarks
    /// A warning about the connection for the host's administrator.
    let warning: String?
}

/// The message from the host when it refused a connection to the engine.
final class SSHRemarks: Sendable {
    private let remark = Mutex<String?>(nil)

    var last: String? { remark.withLock { $0 } }

    func set(_ text: String?) { remark.withLock { $0 = text } }
}

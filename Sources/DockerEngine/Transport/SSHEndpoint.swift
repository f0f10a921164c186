import Synchronization

/// A socket of this machine behind which an SSH connection leads to an engine.
package struct SSHEndpoint: Sendable {
    let socketPath: String
    /// How many connections it takes at once; nil where the SSH server sets no limit.
    let maximumConnections: Int?
    let remarks: SSHRemarks
    /// What the host's keeper should know of the connection.
    let warning: String?
}

/// What was said over there when a connection to the engine was refused.
final class SSHRemarks: Sendable {
    private let remark = Mutex<String?>(nil)

    var last: String? { remark.withLock { $0 } }

    func set(_ text: String?) { remark.withLock { $0 = text } }
}

import Berth
import Hummingbird
import JSON
import Synchronization

/// What the audit log will contain about the change that the current task handles.
///
/// ``Auditing`` makes one for each request that may change something. A route adds to it only what neither the path nor the
/// body names.
final class AuditedRequest: Sendable {
    private struct State {
        var principal = Principal.anonymous
        var target: String?
        var names: [String: String] = [:]
    }

    private let state = Mutex(State())

    /// Nil in a request that only reads.
    @TaskLocal static var current: AuditedRequest?

    var principal: Principal {
        get { state.withLock { $0.principal } }
        set { state.withLock { $0.principal = newValue } }
    }

    /// In place of what path and body name, such as `run web-sn53m4`.
    var target: String? {
        get { state.withLock { $0.target } }
        set { state.withLock { $0.target = newValue } }
    }

    /// Those of ``namingMembers`` that the body has.
    var names: [String: String] { state.withLock { $0.names } }

    /// Members of bodies that say what a request is about.
    static let namingMembers = ["name", "image", "host"]

    /// Takes the names out of the body.
    func note(_ body: JSONValue) {
        guard case .object(let object) = body else { return }
        state.withLock { state in
            for member in Self.namingMembers {
                if case .string(let name) = object[member] { state.names[member] = name }
            }
        }
    }
}

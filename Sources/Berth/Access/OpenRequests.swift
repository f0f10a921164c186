import Synchronization

/// The requests in progress of each principal, so that those of a revoked token can be ended.
package final class OpenRequests: Sendable {
    private let state = Mutex<[String: [ObjectIdentifier: OpenRequest]]>([:])

    /// The most requests of one principal at a time; waiting and streaming ones stay in progress.
    package static let limit = 1000

    package init() {}

    /// Registers a request; nil if the principal has too many.
    ///
    /// - Parameter end: ends the request at once.
    package func begin(by principal: Principal, end: @escaping @Sendable () -> Void) -> OpenRequest? {
        let request = OpenRequest(principal: principal.id, end: end)
        let hasRoom = state.withLock { all in
            guard all[principal.id]?.count ?? 0 < Self.limit else { return false }
            all[principal.id, default: [:]][ObjectIdentifier(request)] = request
            return true
        }
        return hasRoom ? request : nil
    }

    package func finish(_ request: OpenRequest) {
        state.withLock { all in
            all[request.principal]?[ObjectIdentifier(request)] = nil
            if all[request.principal]?.isEmpty == true { all[request.principal] = nil }
        }
    }

    /// Ends all requests of a principal.
    func end(of principal: String) {
        for request in state.withLock({ $0[principal]?.values.map { $0 } ?? [] }) { request.end() }
    }
}

package final class OpenRequest: Sendable {
    let principal: String
    let end: @Sendable () -> Void

    init(principal: String, end: @escaping @Sendable () -> Void) {
        self.principal = principal
        self.end = end
    }
}

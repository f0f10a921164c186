import Synchronization

/// The requests in progress of each token, so that those of a revoked one can be ended.
final class OpenRequests: Sendable {
    fileprivate struct Entry {
        let start = ContinuousClock.now
        let end: @Sendable () -> Void
    }

    private let entries = Mutex<[String: [ObjectIdentifier: Entry]]>([:])

    /// The most requests of one token at a time; waiting and streaming ones stay in progress.
    static let limit = 1000

    /// Registers a request until the returned object is released.
    ///
    /// - Parameters:
    ///   - token: its id.
    ///   - end: ends the request at once.
    /// - Throws: `BerthError.tooManyRequests`.
    func begin(by token: String, end: @escaping @Sendable () -> Void) throws(BerthError) -> OpenRequest {
        let request = OpenRequest(token: token, registered: self)
        let hasRoom = entries.withLock { all in
            guard all[token]?.count ?? 0 < Self.limit else { return false }
            all[token, default: [:]][ObjectIdentifier(request)] = Entry(end: end)
            return true
        }
        guard hasRoom else { throw .tooManyRequests(limit: Self.limit) }
        return request
    }

    fileprivate func remove(_ request: ObjectIdentifier, of token: String) {
        entries.withLock { all in
            all[token]?[request] = nil
            if all[token]?.isEmpty == true { all[token] = nil }
        }
    }

    /// The ids of the tokens that have requests in progress.
    var tokens: Set<String> { entries.withLock { Set($0.keys) } }

    /// Ends the requests of a token that have been in progress for at least `duration`.
    func end(of token: String, olderThan duration: Duration) {
        let now = ContinuousClock.now
        let all = entries.withLock { $0[token]?.values.filter { now - $0.start >= duration } ?? [] }
        for request in all { request.end() }
    }
}

/// A request in progress, which is registered as long as this object exists.
package final class OpenRequest: Sendable {
    private let token: String
    private let registered: OpenRequests

    fileprivate init(token: String, registered: OpenRequests) {
        self.token = token
        self.registered = registered
    }

    deinit { registered.remove(ObjectIdentifier(self), of: token) }
}

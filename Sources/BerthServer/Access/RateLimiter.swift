import Berth
import BerthAPI
import HTTPTypes
import Synchronization

/// Buckets of tokens: each key has one that holds a minute's requests and refills evenly.
///
/// Of a bucket only the time is kept at which it is full again, so that a full one takes no memory.
struct RateLimiter<Key: Hashable & Sendable>: Sendable {
    let requestsPerMinute: Int
    /// The most keys that are remembered.
    let capacity: Int
    private var fullAt: [Key: ContinuousClock.Instant] = [:]

    init(requestsPerMinute: Int, capacity: Int = 10_000) {
        (self.requestsPerMinute, self.capacity) = (requestsPerMinute, capacity)
    }

    var count: Int { fullAt.count }

    /// Takes a request out of the key's bucket; if it is empty, returns the time until the next one.
    mutating func take(_ key: Key, at now: ContinuousClock.Instant) -> Duration? {
        let minute = Duration.seconds(60)
        let before = fullAt[key]
        let after = max(before ?? now, now) + minute / requestsPerMinute
        guard after - now <= minute else { return after - now - minute }
        if before == nil, fullAt.count >= capacity { forget(at: now) }
        fullAt[key] = after
        return nil
    }

    /// Forgets full buckets; if most are not, the fuller half.
    private mutating func forget(at now: ContinuousClock.Instant) {
        fullAt = fullAt.filter { $0.value > now }
        guard fullAt.count > capacity / 2 else { return }
        let middle = fullAt.values.sorted()[fullAt.count / 2]
        fullAt = fullAt.filter { $0.value > middle }
    }
}

/// How many requests an address without a valid token, and each token, may send.
final class RateLimits: Sendable {
    private let addresses: Mutex<RateLimiter<IPAddress>>
    private let tokens: Mutex<RateLimiter<String>>

    /// - Parameter requestsPerMinute: of an address, at least 1; a token may send ten times as many.
    init(requestsPerMinute: Int) {
        addresses = Mutex(RateLimiter(requestsPerMinute: requestsPerMinute))
        tokens = Mutex(RateLimiter(requestsPerMinute: requestsPerMinute * 10))
    }

    /// Counts a request of a token.
    ///
    /// - Throws: `Problem` 429.
    func count(_ principal: Principal) throws(Problem) {
        let (wait, limit) = tokens.withLock { ($0.take(principal.id, at: .now), $0.requestsPerMinute) }
        if let wait { throw .rateLimited("with this token", limit, wait) }
    }

    /// Counts a request without a valid token.
    ///
    /// - Throws: `Problem` 429.
    func count(_ client: IPAddress?) throws(Problem) {
        let address = client?.site ?? .unspecified
        let (wait, limit) = addresses.withLock { ($0.take(address, at: .now), $0.requestsPerMinute) }
        if let wait { throw .rateLimited("from this address without a valid token", limit, wait) }
    }
}

extension Problem {
    fileprivate static func rateLimited(_ which: String, _ limit: Int, _ wait: Duration) -> Problem {
        let seconds = wait.components.seconds + 1
        return Problem(
            .rateLimited,
            "Too many requests \(which): the limit is \(limit) a minute. Try again in \(seconds) s.",
            headers: [.retryAfter: "\(seconds)"]
        )
    }
}

import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SQL
import Synchronization

/// Executes a `POST` once, however often it is sent under its `Idempotency-Key`, and replays its first response.
///
/// The key is first claimed in memory while the request runs, so a simultaneous second request is refused, and then
/// recorded in the store, so a repetition after a crash resumes what was begun.
struct Idempotency: Sendable {
    let store: Store
    let logger: Logger
    private let claims = KeyClaims()

    /// Calls `route`, unless the key's response is already stored.
    func answer(_ request: Request, _ context: APIContext, by route: Route.Answer) async throws -> Response {
        guard let key = try request.idempotencyKey() else { return try await route(request, context) }
        let body = try await request.collectedBody()
        var request = request
        request.body = RequestBody(buffer: body)
        let principal = context.principal.id
        let claim = KeyClaims.Key(principal: principal, key: key)
        guard claims.take(claim) else { throw BerthError.requestInProgress }
        defer { claims.giveBack(claim) }
        let fingerprint = RequestFingerprint(request, body: body)
        switch try await store.begin(key: key, of: principal, fingerprint: fingerprint.text, at: .now()) {
        case .otherRequest: throw Problem.keyReused
        case .answered(let answer): return Response(replaying: try Self.stored(answer))
        case .perform(let operation):
            var context = context
            context.operation = operation
            return try await perform(operation, request, context, by: route)
        }
    }

    /// - Throws: `SQLError.damaged`: it is no fault of the client's.
    private static func stored(_ text: String) throws -> StoredAnswer {
        do {
            return try StoredAnswer(text: text)
        } catch {
            throw SQLError.damaged("the stored response of an earlier request cannot be read: \(error)")
        }
    }

    private func perform(
        _ operation: IdempotentRequest,
        _ request: Request,
        _ context: APIContext,
        by route: Route.Answer
    ) async throws -> Response {
        do {
            let response = try await route(request, context)
            return try await settled(operation, response)
        } catch {
            _ = try await settled(operation, Problem(error).response(requestID: context.requestID))
            throw error
        }
    }

    /// Stores the response for repetitions, deletes the key, or leaves it open; returns the response.
    private func settled(_ operation: IdempotentRequest, _ response: Response) async throws -> Response {
        let outcome = KeyOutcome(
            of: response.status.code,
            mayBeRetried: response.headers[.retryAfter] != nil,
            isRepeated: operation.isRepeated
        )
        guard outcome != .open else { return response }
        let (response, body) = try await response.collected()
        do {
            if outcome == .free {
                try await store.forget(operation)
            } else {
                try await store.finish(operation, with: StoredAnswer(response, body: body).text)
            }
        } catch {
            // A repetition finds the completed work by its operation.
            logger.error(
                "A response could not be stored for its Idempotency-Key.",
                metadata: ["error.message": "\(error)"]
            )
        }
        return response
    }
}

/// The keys of the requests in progress.
private final class KeyClaims: Sendable {
    struct Key: Hashable {
        let principal: String
        let key: String
    }

    private let keys = Mutex<Set<Key>>([])

    /// False if another request holds the key.
    func take(_ key: Key) -> Bool { keys.withLock { $0.insert(key).inserted } }

    func giveBack(_ key: Key) { keys.withLock { _ = $0.remove(key) } }
}

extension Request {
    /// - Throws: `Problem` 400.
    fileprivate func idempotencyKey() throws(Problem) -> String? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(
                .invalidIdempotencyKey,
                "An Idempotency-Key must have 1 to 255 visible ASCII characters without spaces, such as a UUID."
            )
        }
        return key
    }
}

extension Problem {
    fileprivate static let keyReused = Problem(
        .idempotencyKeyReused,
        "This Idempotency-Key was sent with a different request. Use a new key for each request, and the same key for "
            + "its retries."
    )
}

extension HTTPField.Name {
    static let idempotencyKey = named("Idempotency-Key")
    static let idempotencyReplayed = named("Idempotency-Replayed")
}

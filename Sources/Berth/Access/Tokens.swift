import Logging
import SQL
import ServiceLifecycle
import Synchronization

/// All tokens and the sessions of browsers, in memory; changes are stored first.
package final class Tokens: Service {
    fileprivate struct State {
        var tokens: [TokenHash: AccessToken] = [:]
        /// By the ids of the tokens.
        var hashes: [String: TokenHash] = [:]
        var sessions: [TokenHash: BrowserSession] = [:]
        /// Uses that are not stored yet, by the id of the token.
        var uses: [String: Timestamp] = [:]

        func token(_ id: String) -> AccessToken? { hashes[id].flatMap { tokens[$0] } }

        mutating func add(_ token: AccessToken) {
            tokens[token.hash] = token
            hashes[token.id] = token.hash
        }

        mutating func remove(_ token: AccessToken) {
            tokens[token.hash] = nil
            hashes[token.id] = nil
            uses[token.id] = nil
            sessions = sessions.filter { $0.value.token != token.id }
        }
    }

    private let state: Mutex<State>
    private let store: Store
    private let execs: ExecSessions
    private let logger: Logger
    private let requests = OpenRequests()

    private let maximumCount: Int

    /// - Parameter maximumCount: the most tokens, including those that have expired.
    init(store: Store, execs: ExecSessions, logger: Logger, maximumCount: Int = 10_000) async throws {
        var state = State()
        for token in try await store.tokens() { state.add(token) }
        state.sessions = try await store.browserSessions()
        self.state = Mutex(state)
        (self.store, self.execs, self.logger) = (store, execs, logger)
        self.maximumCount = maximumCount
    }

    /// The owner of a token; nil if it is unknown or has expired.
    package func principal(of text: TokenText, at now: Timestamp = .now()) -> Principal? {
        guard text.isToken else { return nil }
        let hash = TokenHash(of: text)
        return state.withLock { $0.use($0.tokens[hash], at: now) }
    }

    /// The owner of a browser's session; nil if the session or its token is unknown or has expired.
    package func principal(ofSession text: TokenText, at now: Timestamp = .now()) -> Principal? {
        let hash = TokenHash(of: text)
        return state.withLock { state in
            guard let session = state.sessions[hash], now < session.expiresAt else { return nil }
            return state.use(state.token(session.token), at: now)
        }
    }

    /// All tokens, the oldest first.
    package var all: [AccessToken] {
        state.withLock { state in
            state.tokens.values.map { token in
                var token = token
                token.lastUsedAt = state.uses[token.id] ?? token.lastUsedAt
                return token
            }
        }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// Makes a token; its text is returned this once only.
    ///
    /// - Parameter lifetime: nil for a token that does not expire.
    /// - Throws: `BerthError` `tokenExists`, `tooManyTokens`.
    package func create(
        _ name: TokenName,
        _ role: Role,
        _ scope: AppScope,
        lifetime: Duration?,
        by caller: Caller
    ) async throws -> (token: AccessToken, text: TokenText) {
        let text = TokenText.newToken()
        let token = try await add(text, name, role, scope, lifetime: lifetime, by: caller.name)
        return (token, text)
    }

    private func add(
        _ text: TokenText,
        _ name: TokenName,
        _ role: Role,
        _ scope: AppScope,
        lifetime: Duration?,
        by creator: String
    ) async throws -> AccessToken {
        guard state.withLock({ $0.tokens.count }) < maximumCount else {
            throw BerthError.tooManyTokens(limit: maximumCount)
        }
        let now = Timestamp.now()
        let token = AccessToken(
            principal: Principal(id: randomBase32(count: 16), name: name.description, role: role, scope: scope),
            hash: TokenHash(of: text),
            createdAt: now,
            createdBy: creator,
            expiresAt: lifetime.map { now.after($0) }
        )
        do {
            try await store.add(token)
        } catch SQLError.uniqueViolation {
            throw BerthError.tokenExists(name)
        }
        state.withLock { $0.add(token) }
        return token
    }

    /// Deletes a token with its browser sessions; ``run()`` ends its open requests and exec sessions within 2 s.
    ///
    /// - Throws: `BerthError.tokenNotFound`.
    @discardableResult
    package func revoke(_ id: String) async throws -> AccessToken {
        guard let token = state.withLock({ $0.token(id) }) else { throw BerthError.tokenNotFound }
        try await store.deleteToken(id)
        state.withLock { $0.remove(token) }
        return token
    }

    /// Registers a request, which is ended if its token is revoked or expires while the returned object exists.
    ///
    /// - Parameter end: ends the request at once.
    /// - Returns: nil for a sender without a token.
    /// - Throws: `BerthError.tooManyRequests`.
    package func begin(
        by principal: Principal,
        end: @escaping @Sendable () -> Void
    ) throws(BerthError) -> OpenRequest? {
        principal.hasToken ? try requests.begin(by: principal.id, end: end) : nil
    }
}

// Sessions of browsers.
extension Tokens {
    /// Begins a session that acts as the token; nil if the token is unknown.
    ///
    /// A token has at most ``BrowserSession/maximumCount`` of them: the oldest end.
    package func beginSession(as text: TokenText) async throws -> TokenText? {
        let now = Timestamp.now()
        guard let principal = principal(of: text, at: now) else { return nil }
        let session = BrowserSession(token: principal.id, expiresAt: now.after(BrowserSession.lifetime))
        let made = TokenText.newSession()
        let hash = TokenHash(of: made)
        do {
            try await store.add(session, hash, at: now)
        } catch SQLError.foreignKeyViolation {
            return nil
        }
        let surplus = state.withLock { $0.add(session, hash, at: now) }
        for hash in surplus { try await store.deleteSession(hash) }
        return made
    }

    package func endSession(_ text: TokenText) async throws {
        let hash = TokenHash(of: text)
        guard state.withLock({ $0.sessions[hash] }) != nil else { return }
        try await store.deleteSession(hash)
        state.withLock { $0.sessions[hash] = nil }
    }
}

// The first token.
extension Tokens {
    package var hasAdmin: Bool {
        let now = Timestamp.now()
        return state.withLock { $0.tokens.values.contains { $0.principal.role == .admin && !$0.isExpired(at: now) } }
    }

    package func isKnown(_ text: TokenText) -> Bool { state.withLock { $0.tokens[TokenHash(of: text)] != nil } }

    /// Makes the first admin's token of this text; its name is `admin`, with a number if that is taken.
    package func addAdmin(_ text: TokenText) async throws {
        for number in 1...100 {
            do {
                let name = try TokenName(number == 1 ? "admin" : "admin-\(number)")
                _ = try await add(text, name, .admin, .everything, lifetime: nil, by: Principal.local.name)
                return
            } catch BerthError.tokenExists {
                continue
            }
        }
    }
}

// What happens by time.
extension Tokens {
    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            // In two tasks, since a database that does not respond must not delay the first.
            async let ending: Void = repeating(every: .seconds(1)) { self.endOrphans() }
            await repeating(every: .seconds(60)) { await self.recordUses() }
            await ending
        }
        await recordUses()
    }

    private func repeating(every pause: Duration, _ body: () async -> Void) async {
        while (try? await Task.sleep(for: pause)) != nil { await body() }
    }

    /// Ends the requests and exec sessions of tokens that were revoked or have expired.
    ///
    /// Requests of the last second end by themselves: one of them may be the revocation.
    func endOrphans(at now: Timestamp = .now(), olderThan duration: Duration = .seconds(1)) {
        let owners = requests.tokens.union(execs.tokens)
        let orphans = state.withLock { state in
            owners.filter { id in state.token(id)?.isExpired(at: now) ?? true }
        }
        for id in orphans {
            requests.end(of: id, olderThan: duration)
            execs.close(of: id)
        }
    }

    /// Stores the last use of each token that was used since the last call.
    func recordUses() async {
        let uses = state.withLock { $0.takeUses() }
        guard !uses.isEmpty else { return }
        do {
            try await store.recordUse(of: uses)
        } catch {
            // For the next attempt.
            state.withLock { $0.uses.merge(uses) { later, _ in later } }
            logger.warning("The last use of tokens could not be stored.", metadata: ["error.message": "\(error)"])
        }
    }
}

extension Tokens.State {
    /// The token's owner, if it has not expired; notes its use.
    fileprivate mutating func use(_ token: AccessToken?, at now: Timestamp) -> Principal? {
        guard let token, !token.isExpired(at: now) else { return nil }
        uses[token.id] = now
        return token.principal
    }

    /// Adds a session and removes those that have expired; returns those that ended since their token had too many.
    fileprivate mutating func add(_ session: BrowserSession, _ hash: TokenHash, at now: Timestamp) -> [TokenHash] {
        sessions = sessions.filter { now < $0.value.expiresAt }
        sessions[hash] = session
        let own = sessions.filter { $0.value.token == session.token }.sorted { $0.value.expiresAt < $1.value.expiresAt }
        let surplus = own.map(\.key).dropLast(BrowserSession.maximumCount)
        for hash in surplus { sessions[hash] = nil }
        return Array(surplus)
    }

    /// Moves the noted uses into the tokens.
    fileprivate mutating func takeUses() -> [String: Timestamp] {
        for hash in tokens.keys {
            if let id = tokens[hash]?.id, let use = uses[id] { tokens[hash]?.lastUsedAt = use }
        }
        defer { uses = [:] }
        return uses
    }
}

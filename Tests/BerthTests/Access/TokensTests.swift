import Synchronization
import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct TokensTests {
    private let store: Store
    private let tokens: Tokens

    init() async throws {
        store = try await .inMemory()
        tokens = try await .of(store)
    }

    @Test func `A token is found by its text alone, and only its hash is stored`() async throws {
        let (token, text) = try await tokens.make("ci")
        #expect(text.isToken)
        #expect(tokens.principal(of: text) == token.principal)
        for wrong in ["", "berth_", text.text.uppercased(), String(text.text.dropLast()), text.text + "a", token.id] {
            #expect(tokens.principal(of: TokenText(wrong)) == nil, "\(wrong)")
        }
        let stored = try await store.database.read { try $0.rows("SELECT * FROM tokens", []).map(\.values).description }
        #expect(!stored.contains(text.text.dropFirst("berth_".count)))
        #expect(stored.contains(token.hash.text))
    }

    @Test func `The hash is the SHA-256 in hexadecimal digits`() {
        #expect(
            TokenHash(of: TokenText("abc")).text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test(arguments: ["", "b", String(repeating: "g", count: 64), String(repeating: "A", count: 64)])
    func `Only a SHA-256 is read as a hash`(_ text: String) {
        let hash = TokenHash(of: TokenText("abc"))
        #expect(TokenHash(hash.text) == hash)
        #expect(TokenHash(hash.text + text) == (text.isEmpty ? hash : nil))
        #expect(TokenHash(text) == nil)
    }

    @Test func `No two tokens have the same text`() async throws {
        var texts: Set<String> = []
        for number in 0..<50 { texts.insert(try await tokens.make("t\(number)").text.text) }
        #expect(texts.count == 50)
    }

    @Test func `Tokens are listed by age, with their last use`() async throws {
        let first = try await tokens.make("b").token
        let (second, text) = try await tokens.make("a")
        _ = tokens.principal(of: text, at: .noon)
        let all = tokens.all
        #expect(Set(all.map(\.id)) == [first.id, second.id])
        #expect(all.map(\.createdAt) == all.map(\.createdAt).sorted())
        #expect(all.first { $0.id == second.id }?.lastUsedAt == .noon)
        #expect(all.first { $0.id == first.id }?.lastUsedAt == nil)
    }

    @Test func `A name is used once, and again after its token was revoked`() async throws {
        let first = try await tokens.make("ci").token
        let name = try TokenName("ci")
        await #expect(throws: BerthError.tokenExists(name)) { _ = try await tokens.make("ci") }
        try await tokens.revoke(first.id)
        _ = try await tokens.make("ci")
    }

    @Test(arguments: ["local", "anonymous", "", "A", "a b", "-a", String(repeating: "a", count: 41)])
    func `A reserved name, or an invalid one, is refused`(_ name: String) {
        #expect(throws: InvalidValue.self) { try TokenName(name) }
    }

    @Test func `A revoked token is unknown, also after a restart`() async throws {
        let (token, text) = try await tokens.make("ci")
        try await tokens.revoke(token.id)
        #expect(tokens.principal(of: text) == nil)
        #expect(try await Tokens.of(store).principal(of: text) == nil)
        await #expect(throws: BerthError.tokenNotFound) { try await tokens.revoke(token.id) }
    }

    @Test func `A token expires at its time, and stays listed`() async throws {
        let (token, text) = try await tokens.make("ci", lifetime: .seconds(60))
        let end = token.createdAt.after(.seconds(60))
        #expect(token.expiresAt == end)
        #expect(tokens.principal(of: text, at: Timestamp(milliseconds: end.milliseconds - 1)) == token.principal)
        #expect(tokens.principal(of: text, at: end) == nil)
        #expect(tokens.all.map(\.id) == [token.id])
    }

    @Test func `A restart keeps tokens, their last use and the sessions of browsers`() async throws {
        let (token, text) = try await tokens.make("ci", lifetime: .seconds(3600))
        let session = try #require(try await tokens.beginSession(as: text))
        let use = Timestamp.now()
        _ = tokens.principal(of: text, at: use)
        await tokens.recordUses()
        let again = try await Tokens.of(store)
        #expect(again.principal(of: text) == token.principal)
        #expect(again.principal(ofSession: session) == token.principal)
        let restarted = try await Tokens.of(store)
        #expect(restarted.all.map(\.lastUsedAt) == [use])
        #expect(restarted.all.map(\.expiresAt) == [token.expiresAt])
    }

    @Test func `Uses are stored together, and only once`() async throws {
        let (_, text) = try await tokens.make("ci")
        _ = tokens.principal(of: text, at: .noon)
        _ = tokens.principal(of: text, at: .later)
        #expect(try await store.tokens().map(\.lastUsedAt) == [nil])
        await tokens.recordUses()
        #expect(try await store.tokens().map(\.lastUsedAt) == [.later])
        // Nothing is left to be stored.
        try await store.recordUse(of: [store.tokens()[0].id: .noon])
        await tokens.recordUses()
        #expect(try await store.tokens().map(\.lastUsedAt) == [.noon])
    }

    @Test func `Uses that could not be stored are stored later`() async throws {
        let (_, text) = try await tokens.make("ci")
        _ = tokens.principal(of: text, at: .noon)
        try await store.database.write { try $0.run("ALTER TABLE tokens RENAME TO hidden", []) }
        await tokens.recordUses()
        try await store.database.write { try $0.run("ALTER TABLE hidden RENAME TO tokens", []) }
        #expect(try await store.tokens().map(\.lastUsedAt) == [nil])
        await tokens.recordUses()
        #expect(try await store.tokens().map(\.lastUsedAt) == [.noon])
    }

    @Test func `There is a limit to the number of tokens`() async throws {
        let few = try await Tokens.of(store, maximumCount: 2)
        let first = try await few.make("a").token
        _ = try await few.make("b", lifetime: .seconds(0))
        await #expect(throws: BerthError.tooManyTokens(limit: 2)) { _ = try await few.make("c") }
        try await few.revoke(first.id)
        _ = try await few.make("c")
    }
}

/// What tokens have begun.
@Suite(.timeLimit(.minutes(5))) struct OpenRequestsTests {
    private let tokens: Tokens
    private let ended = Counter()

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    init() async throws { tokens = try await .of(.inMemory()) }

    @Test func `The open requests of a revoked token are ended, and no others`() async throws {
        let (first, other) = (try await tokens.make("a").token, try await tokens.make("b").token)
        let requests = try [first, first, other].map { token in
            try tokens.begin(by: token.principal) { [ended] in ended.add() }
        }
        tokens.endOrphans(olderThan: .zero)
        #expect(ended.count == 0)
        try await tokens.revoke(first.id)
        tokens.endOrphans(olderThan: .seconds(600))
        #expect(ended.count == 0, "a new one may be the revocation")
        tokens.endOrphans(olderThan: .zero)
        #expect(ended.count == 2)
        withExtendedLifetime(requests) {}
    }

    @Test func `A request that is complete is not ended`() async throws {
        let token = try await tokens.make("a").token
        _ = try tokens.begin(by: token.principal) { [ended] in ended.add() }
        try await tokens.revoke(token.id)
        tokens.endOrphans(olderThan: .zero)
        #expect(ended.count == 0)
    }

    @Test func `The open requests of a token end when it expires`() async throws {
        let token = try await tokens.make("a", lifetime: .seconds(60)).token
        let request = try tokens.begin(by: token.principal) { [ended] in ended.add() }
        let end = try #require(token.expiresAt)
        tokens.endOrphans(at: Timestamp(milliseconds: end.milliseconds - 1), olderThan: .zero)
        #expect(ended.count == 0)
        tokens.endOrphans(at: end, olderThan: .zero)
        #expect(ended.count == 1)
        withExtendedLifetime(request) {}
    }

    @Test func `A token has a limited number of open requests, and senders without one do not`() async throws {
        let token = try await tokens.make("a").token
        var requests = try (0..<OpenRequests.limit).map { _ in try tokens.begin(by: token.principal) {} }
        #expect(throws: BerthError.tooManyRequests(limit: OpenRequests.limit)) {
            _ = try tokens.begin(by: token.principal) {}
        }
        requests.removeLast()
        requests.append(try tokens.begin(by: token.principal) {})
        #expect(try tokens.begin(by: .local) {} == nil)
        #expect(try tokens.begin(by: .anonymous) {} == nil)
        withExtendedLifetime(requests) {}
    }

    @Test func `The exec sessions of a revoked token are ended`() async throws {
        try await FakePlatform.with { berth in
            let run = try await berth.start()[0]
            let (tokens, execs) = (berth.platform.tokens, berth.platform.execs)
            let token = try await tokens.make("a").token
            let request = ExecRequest(command: try Command(words: ["cat"]), terminal: nil, takesInput: true)
            try await withTask {
                await execs.sessions.run()
            } during: {
                let exec = try await execs.prepare(request, in: run.name)
                let session = try await execs.sessions.open(exec, by: Caller(token.principal))
                let other = try await execs.sessions.open(execs.prepare(request, in: run.name), by: Caller(.local))
                try await tokens.revoke(token.id)
                tokens.endOrphans()
                try await eventually("it has ended") { session.end != nil }
                #expect(other.end == nil)
                #expect(throws: BerthError.execNotFound) { try execs.sessions.session(session.id) }
            }
        }
    }
}

/// Sessions of browsers.
@Suite(.timeLimit(.minutes(5))) struct BrowserSessionTests {
    private let store: Store
    private let tokens: Tokens

    init() async throws {
        store = try await .inMemory()
        tokens = try await .of(store)
    }

    @Test func `A session acts as its token, until it is ended`() async throws {
        let (token, text) = try await tokens.make("a")
        let session = try #require(try await tokens.beginSession(as: text))
        let other = try #require(try await tokens.beginSession(as: text))
        #expect(tokens.principal(ofSession: session) == token.principal)
        #expect(tokens.principal(of: session) == nil, "it is no token")
        #expect(tokens.principal(ofSession: text) == nil)
        try await tokens.endSession(session)
        try await tokens.endSession(session)
        #expect(tokens.principal(ofSession: session) == nil)
        #expect(tokens.principal(ofSession: other) == token.principal)
        #expect(try await Tokens.of(store).principal(ofSession: session) == nil)
    }

    @Test func `A session ends with its token, and after 30 days`() async throws {
        let (token, text) = try await tokens.make("a")
        let session = try #require(try await tokens.beginSession(as: text))
        let month = Timestamp.now().after(.seconds(30 * 24 * 3600 + 60))
        #expect(tokens.principal(ofSession: session, at: month) == nil)
        #expect(tokens.principal(of: text, at: month) != nil)
        try await tokens.revoke(token.id)
        #expect(tokens.principal(ofSession: session) == nil)
        #expect(try await store.browserSessions().isEmpty)
    }

    @Test func `A token that is unknown or has expired begins no session`() async throws {
        let text = try await tokens.make("a", lifetime: .zero).text
        #expect(try await tokens.beginSession(as: text) == nil)
        #expect(try await tokens.beginSession(as: .newToken()) == nil)
        #expect(try await store.browserSessions().isEmpty)
    }

    @Test func `The oldest sessions of a token end when it begins too many`() async throws {
        let text = try await tokens.make("a").text
        var sessions: [TokenText] = []
        for _ in 0..<BrowserSession.maximumCount + 5 {
            sessions.append(try #require(try await tokens.beginSession(as: text)))
        }
        #expect(sessions.count { tokens.principal(ofSession: $0) != nil } == BrowserSession.maximumCount)
        #expect(try await store.browserSessions().count == BrowserSession.maximumCount)
    }
}

import Logging

@testable import Berth

extension Tokens {
    /// The tokens in a store, as after a start of the server.
    static func of(_ store: Store, maximumCount: Int = 10_000) async throws -> Tokens {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try await Tokens(store: store, execs: ExecSessions(), logger: logger, maximumCount: maximumCount)
    }

    func make(
        _ name: String,
        _ role: Role = .deployer,
        lifetime: Duration? = nil
    ) async throws -> (token: AccessToken, text: TokenText) {
        try await create(TokenName(name), role, .everything, lifetime: lifetime, by: .tester)
    }
}

extension AccessToken {
    /// - Parameter apps: patterns; none for all apps.
    static func example(_ name: String, hash: String, apps: String...) throws -> AccessToken {
        AccessToken(
            principal: Principal(
                id: name + hash,
                name: name,
                role: .deployer,
                scope: apps.isEmpty ? .everything : AppScope(try apps.map { try AppPattern($0) })
            ),
            hash: TokenHash(of: TokenText(hash)),
            createdAt: .noon,
            createdBy: "ann",
            expiresAt: .later
        )
    }
}

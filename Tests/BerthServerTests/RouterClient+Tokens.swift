@testable import Berth

extension RouterClient {
    /// Makes a token and returns its text.
    func token(_ name: String, _ role: Role, _ apps: String..., lifetime: Duration? = nil) async throws -> String {
        let scope = try AppScope(apps.isEmpty ? [.any] : apps.map { try AppPattern($0) })
        let name = try TokenName(name)
        return try await platform.tokens.create(name, role, scope, lifetime: lifetime, by: Caller(.local)).text.text
    }
}

import Berth
package import Configuration
import FoundationEssentials
import Logging
import SQL

/// The file with the token of the first administrator.
package struct AdminToken {
    let path: String

    /// The token in the file of the server whose settings these are; nil if there is none, or it cannot be read.
    package static func kept(_ config: ConfigReader) throws -> String? {
        let file = AdminToken(stateDirectory: try Settings.stateDirectory(config.scoped(to: "berth"))).path
        return token(in: FilePlace(file))?.text
    }

    init(stateDirectory: String) { path = stateDirectory + "/admin-token" }

    /// Makes a token, unless an administrator has one.
    ///
    /// It is written to another file before it is stored: after a crash in between, the next start uses that token. A
    /// token that was revoked is not used again, although its file is still there.
    ///
    /// - Throws: `FileError`, and what the store throws.
    func make(in tokens: Tokens, logger: Logger) async throws {
        let new = FilePlace(path + ".new")
        let begun = Self.token(in: new)
        if let begun, tokens.isKnown(begun) { return try new.move(to: FilePlace(path)) }
        guard !tokens.hasAdmin else { return new.remove() }
        let token = begun ?? .newToken()
        if begun == nil { try new.put(token.text + "\n") }
        FaultPoint.beforeAdminTokenStore.reach()
        try await tokens.addAdmin(token)
        FaultPoint.afterAdminTokenStore.reach()
        try new.move(to: FilePlace(path))
        logger.notice("The token of an administrator is in \(path).")
    }

    /// The token in a file; nil if there is none.
    private static func token(in file: FilePlace) -> TokenText? {
        guard let text = try? String(contentsOfFile: file.path, encoding: .utf8) else { return nil }
        let token = TokenText(text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "")
        return token.isToken ? token : nil
    }
}

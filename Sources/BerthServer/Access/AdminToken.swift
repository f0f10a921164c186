import Berth
import FoundationEssentials
import Logging
import SQL

/// The file with the token of the first administrator.
struct AdminToken {
    let path: String

    init(stateDirectory: String) { path = stateDirectory + "/admin-token" }

    /// Makes a token, unless an administrator has one.
    ///
    /// The file is written first: after a crash in between, the next start uses the token in it.
    ///
    /// - Throws: `FileError`, and what the store throws.
    func make(in tokens: Tokens, logger: Logger) async throws {
        guard !tokens.hasAdmin else { return }
        var token = TokenText.newToken()
        if let kept, !tokens.isKnown(kept) { token = kept } else { try FilePlace(path).put(token.text + "\n") }
        try await tokens.addAdmin(token)
        logger.notice("The token of an administrator is in \(path).")
    }

    /// The token in the file; nil if there is none.
    var kept: TokenText? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let token = TokenText(text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "")
        return token.isToken ? token : nil
    }
}

/// The texts of an attack that must not be found where they do not belong.
struct AttackSecrets: Sendable {
    /// The value of another team's variable.
    let canary: String
    /// The texts of all tokens.
    let tokens: [String]

    /// Those that appear in a text; empty if none does.
    func found(in text: some StringProtocol, mayHaveCanary: Bool = false) -> [String] {
        var found = tokens.filter { text.contains($0) }.map { "a token (\($0.prefix(12))…)" }
        if !mayHaveCanary, text.contains(canary) { found.append("the canary") }
        return found
    }

    func found(in bytes: [UInt8], mayHaveCanary: Bool) -> [String] {
        // Most answers are small; decoding is cheaper than a search for each text.
        found(in: String(decoding: bytes, as: UTF8.self), mayHaveCanary: mayHaveCanary)
    }
}

/// Who sends a request of an attack.
enum AttackSender: String, Sendable, CaseIterable {
    case admin
    /// Limited to its own team's apps.
    case deployer
    case viewer
    /// Of the other team, without the right to see the values of variables.
    case otherViewer
    case expired
    case revoked
    case unknown
    case nobody
    /// Sends something that looks like a token, and is none.
    case odd

    /// Whether its answers may have the values of the other team's variables.
    var maySeeCanary: Bool { self == .admin }

    /// Whether it must get 401 wherever a token is needed.
    var isStranger: Bool { [.expired, .revoked, .unknown, .nobody, .odd].contains(self) }
}

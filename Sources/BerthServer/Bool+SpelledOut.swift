extension Bool {
    /// Parses the usual words for yes and no, in any case; nil for anything else.
    init?(spelledOut text: some StringProtocol) {
        switch text.lowercased() {
        case "true", "1", "yes", "t", "y", "on": self = true
        case "false", "0", "no", "f", "n", "off": self = false
        default: return nil
        }
    }
}

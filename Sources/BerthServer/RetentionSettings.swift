import Berth

extension RetentionPolicy {
    private static let recordsRange = 1000...10_000_000

    /// Parses the flags `--keep-finished`, `--keep-records` and `--keep-audit`; nil means the default.
    init(keepFinished: String?, keepRecords: String?, keepAudit: String?) throws(SettingsError) {
        let usual = RetentionPolicy()
        self.init(
            keepFinished: try keepFinished.map { text throws(SettingsError) in
                try Self.duration(text, "--keep-finished")
            }
                ?? usual.keepFinished,
            keepRecords: try keepRecords.map { text throws(SettingsError) in try Self.records(text) }
                ?? usual.keepRecords,
            keepAudit: try keepAudit.map { text throws(SettingsError) in try Self.duration(text, "--keep-audit") }
                ?? usual.keepAudit
        )
    }

    private static func duration(_ text: String, _ flag: String) throws(SettingsError) -> Duration {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let unit = text.last.flatMap({ units[$0] }), let number = number(text.dropLast()),
            (1...100 * 366 * 86_400).contains(number), number <= 100 * 366 * 86_400 / unit
        else {
            throw SettingsError(
                "\(flag) must be a number followed by s, m, h, d or w, such as 30d, and at most 100 years; not "
                    + "\(text)"
            )
        }
        return .seconds(number * unit)
    }

    private static func records(_ text: String) throws(SettingsError) -> Int {
        guard let number = number(text[...]), recordsRange.contains(number) else {
            throw SettingsError(
                "--keep-records must be a number from \(recordsRange.lowerBound) to \(recordsRange.upperBound), not "
                    + "\(text)"
            )
        }
        return number
    }

    /// A number without a sign, which `Int.init` would accept.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}

/// Texts that databases have been known to change, to refuse or to treat as equal.
enum NastyText {
    static let all =
        alike + [
            "", " ", "  ", "\t", "\n", "\r\n", "'", "\"", "`", "\\", "\\\\", "\\'", "'; DROP TABLE apps; --", "%", "_",
            "a%b_c",
            "\\%", "?", "??", ":a", "@a", "$1", "\u{1}\u{2}\u{1F}\u{7F}", "\u{80}\u{9F}", "\u{FEFF}x", "\u{202E}x",
            "\u{2028}",
            "👩‍👩‍👧‍👦", "🏳️‍🌈", "\u{10FFFF}", "\u{FFFF}", "\u{301}", "ﬀ", "𝕳", "ａ", "中文", "עברית", "NULL", "0", "-0", "1e3",
            "0x41",
            "2026-00-00", "true", "{\"a\":[1]}", "<script>", String(repeating: "🚢", count: 1_000),
            String(repeating: "a", count: 1_023), String(repeating: "b", count: 1_024),
            String(repeating: "c", count: 1_025),
            String(repeating: "é", count: 512) + "x",
        ]

    /// Some database treats several of these as equal; sorted by their bytes.
    static let alike = [
        "APP", "App", "app", "app ", "app  ", "app\t", "apq", "a\u{308}pp", "spp", "ss", "I", "i", "ı", "ß", "äpp",
        "e\u{301}",
        "é", "🚀", "🚢",
    ]

    static let large = String(repeating: "Größe 🚢 \"\\'%_\n", count: 60_000)
}

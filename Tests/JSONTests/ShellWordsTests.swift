import JSON
import TestSupport
import Testing

@Suite struct ShellWordsTests {
    @Test(
        arguments: [
            ("", []), (" \t\n ", []), ("sleep 1000", ["sleep", "1000"]), ("  a\tb\nc  ", ["a", "b", "c"]),
            ("''", [""]), (#""""#, [""]), (#"a "" b"#, ["a", "", "b"]), (#"a''"b""#, ["ab"]),
            (#"'a "b" \ $c'"#, [#"a "b" \ $c"#]), ("'a\nb'", ["a\nb"]),
            (#""a\$b\`c\"d\\e""#, [#"a$b`c"d\e"#]), (#""a\nb\'""#, [#"a\nb\'"#]), ("\"a\\\nb\"", ["ab"]),
            (#"a\ b\\\'\""#, [#"a b\'""#]), ("a\\\nb", ["ab"]), ("a \\\n b", ["a", "b"]), ("\\\n", []),
            (#"sh -c 'echo "$HOME" | wc'"#, ["sh", "-c", #"echo "$HOME" | wc"#]),
            (
                "$A * ; | > < # ` ~ & ( ) ! a=b {x,y}",
                ["$A", "*", ";", "|", ">", "<", "#", "`", "~", "&", "(", ")", "!", "a=b", "{x,y}"]
            ),
            ("grüße 'ç \u{301}' 😀", ["grüße", "ç \u{301}", "😀"]), ("a\r\nb", ["a\r", "b"]), ("a\u{A0}b", ["a\u{A0}b"]),
        ] as [(String, [String])]
    )
    func `A line is split by quotes, backslashes and blanks only`(line: String, words: [String]) throws {
        #expect(try ShellWords.split(line) == words)
    }

    @Test(
        arguments: [
            ("a 'b", .unclosedSingleQuote(position: 3)), ("ü\"b'", .unclosedDoubleQuote(position: 2)),
            (#""a\"#, .unclosedDoubleQuote(position: 1)), (#""a\""#, .unclosedDoubleQuote(position: 1)),
            (#"a\"#, .trailingBackslash), (#"\"#, .trailingBackslash),
            ("'a'\"b\" '", .unclosedSingleQuote(position: 8)),
        ] as [(String, ShellWordsError)]
    )
    func `An unclosed quote or escape is an error`(line: String, error: ShellWordsError) {
        #expect(throws: error) { try ShellWords.split(line) }
        #expect(error.description.contains("character"))
    }

    @Test(
        arguments: [
            ([], ""), ([""], "''"), (["a", "", "b"], "a '' b"),
            (["nginx", "-g", "daemon off;"], "nginx -g 'daemon off;'"),
            (["a_1-.,/:=@%+Z"], "a_1-.,/:=@%+Z"), (["it's"], #"'it'\''s'"#), (["$x"], "'$x'"), (["a\nb"], "'a\nb'"),
            (["'"], #"''\'''"#), (["\\"], #"'\'"#), (["é"], "'é'"), (["~"], "'~'"), (["#"], "'#'"),
        ] as [([String], String)]
    )
    func `Words are quoted only if necessary`(words: [String], line: String) throws {
        #expect(ShellWords.join(words) == line)
        #expect(try ShellWords.split(line) == words)
    }

    @Test func `Splitting joined words gives the same words`() throws {
        var random = SeededGenerator(seed: 22)
        let letters = Array("ab \t\n\r'\"\\$`*;|>#~&!\0=é€😀\u{301}\u{200D}".unicodeScalars)
        for _ in 0..<5_000 {
            let words = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                var word = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    word.append(letters.randomElement(using: &random) ?? "a")
                }
                return String(word)
            }
            let split = try ShellWords.split(ShellWords.join(words))
            #expect(split.map { Array($0.utf8) } == words.map { Array($0.utf8) })
        }
    }

    @Test(arguments: ["'", "\"", "\\", "a", " ", "''", "\\\n", "\u{301}"])
    func `A megabyte of one repeated unit is split or refused`(unit: String) {
        _ = try? ShellWords.split(String(repeating: unit, count: 1_048_576 / unit.utf8.count))
        _ = try? ShellWords.split("\"" + String(repeating: unit, count: 1_048_576 / unit.utf8.count))
    }
}

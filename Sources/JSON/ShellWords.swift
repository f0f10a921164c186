/// Commands in one line, by the *word* rules of the POSIX shell (XCU 2.2, Quoting) and no other rules of the shell.
///
/// No shell is involved: `$`, `*`, `;`, `|`, `>`, `#`, `~`, `&` and the backtick are ordinary characters.
package enum ShellWords {
    /// The words of `line`: blanks and line breaks separate words, quotes and backslashes prevent that.
    package static func split(_ line: String) throws(ShellWordsError) -> [String] {
        var splitter = ShellWordSplitter(line)
        return try splitter.words()
    }

    /// A line that `split`, and a shell, would split into exactly these words.
    package static func join(_ words: [String]) -> String {
        words.map(quote).joined(separator: " ")
    }

    private static func quote(_ word: String) -> String {
        if !word.isEmpty && word.utf8.allSatisfy({ isSafe(Unicode.Scalar($0)) }) { return word }
        // A single quote cannot be escaped inside single quotes, so it goes between two quoted parts.
        var quoted = "'"
        for scalar in word.unicodeScalars {
            if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "'"
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", ",", "/", ":", "=", "@", "%", "+": true
        default: false
        }
    }
}

/// Why a line cannot be split; positions are code points counted from 1.
package enum ShellWordsError: Error, Sendable, Equatable, CustomStringConvertible {
    case unclosedSingleQuote(position: Int)
    case unclosedDoubleQuote(position: Int)
    case trailingBackslash

    package var description: String {
        switch self {
        case .unclosedSingleQuote(let position):
            "the single quote at character \(position) is not closed; close it, or send an array of words"
        case .unclosedDoubleQuote(let position):
            "the double quote at character \(position) is not closed; close it, or send an array of words"
        case .trailingBackslash:
            "the last character is a backslash with nothing to escape; remove it, or write \\\\ for a backslash itself"
        }
    }
}

private struct ShellWordSplitter {
    private let scalars: String.UnicodeScalarView
    private var position: String.Index
    private var finished: [String] = []
    /// The current word; nil between words, and not nil for an empty word, which quotes can create.
    private var word: String.UnicodeScalarView?

    init(_ line: String) {
        scalars = line.unicodeScalars
        position = scalars.startIndex
    }

    mutating func words() throws(ShellWordsError) -> [String] {
        while let scalar = take() {
            switch scalar {
            case " ", "\t", "\n": endWord()
            case "'": try readSingleQuotes()
            case "\"": try readDoubleQuotes()
            case "\\": try readEscaped()
            default: append(scalar)
            }
        }
        endWord()
        return finished
    }

    private mutating func readSingleQuotes() throws(ShellWordsError) {
        let start = position
        beginWord()
        while let scalar = take() {
            if scalar == "'" { return }
            append(scalar)
        }
        throw .unclosedSingleQuote(position: characters(before: start))
    }

    private mutating func readDoubleQuotes() throws(ShellWordsError) {
        let start = position
        beginWord()
        while let scalar = take() {
            switch scalar {
            case "\"": return
            case "\\": readEscapedInDoubleQuotes()
            default: append(scalar)
            }
        }
        throw .unclosedDoubleQuote(position: characters(before: start))
    }

    private mutating func readEscaped() throws(ShellWordsError) {
        guard let scalar = take() else { throw .trailingBackslash }
        // A backslash and a line break are removed together, and begin no word.
        if scalar != "\n" { append(scalar) }
    }

    private mutating func readEscapedInDoubleQuotes() {
        guard let scalar = take() else { return }
        switch scalar {
        case "\n": break
        case "$", "`", "\"", "\\": append(scalar)
        default:
            append("\\")
            append(scalar)
        }
    }

    private mutating func take() -> Unicode.Scalar? {
        guard position < scalars.endIndex else { return nil }
        defer { scalars.formIndex(after: &position) }
        return scalars[position]
    }

    private mutating func beginWord() {
        if word == nil { word = String.UnicodeScalarView() }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        beginWord()
        word?.append(scalar)
    }

    private mutating func endWord() {
        if let word { finished.append(String(word)) }
        word = nil
    }

    private func characters(before end: String.Index) -> Int {
        scalars.distance(from: scalars.startIndex, to: end)
    }
}

/// Replaces secrets in messages of engines by `***`.
///
/// Engines do not repeat secrets on purpose. This covers errors that quote a part of a request.
package struct HiddenTexts: Sendable {
    /// In the form that messages have, the longest first.
    private let texts: [String]

    /// Shorter texts are not replaced: they would occur by chance.
    private static let minimumBytes = 4
    /// The end of a message that was cut may hold the beginning of a secret, from this length on.
    private static let minimumBeginning = 8

    package init(_ secrets: [String]) {
        texts = secrets.flatMap { secret in
            // An engine may have escaped the line breaks.
            [secret] + secret.split(whereSeparator: \.isNewline).map(String.init)
        }.map { singleLine($0, limit: .max) }.filter { $0.utf8.count >= Self.minimumBytes }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    package var isEmpty: Bool { texts.isEmpty }

    package func hide(in message: String) -> String {
        let texts = texts(thatMayBeIn: message)
        var message = message
        for text in texts { message = message.replacing(text, with: "***") }
        for text in texts {
            let longest = min(text.utf8.count - 1, message.utf8.count)
            guard longest >= Self.minimumBeginning else { continue }
            for length in (Self.minimumBeginning...longest).reversed()
            where message.utf8.suffix(length).elementsEqual(text.utf8.prefix(length)) {
                message = String(decoding: message.utf8.dropLast(length), as: UTF8.self) + "***"
                break
            }
        }
        return message
    }

    /// Those whose beginning occurs in the message, since secrets may have a million lines.
    private func texts(thatMayBeIn message: String) -> [String] {
        guard !texts.isEmpty else { return [] }
        var beginnings: Set<[UInt8]> = []
        let bytes = Array(message.utf8)
        for start in bytes.indices.dropLast(Self.minimumBytes - 1) {
            beginnings.insert(Array(bytes[start..<start + Self.minimumBytes]))
        }
        return texts.filter { beginnings.contains(Array($0.utf8.prefix(Self.minimumBytes))) }
    }

    /// The error without the secrets.
    package func hide(in error: EngineError) -> EngineError {
        switch error {
        case .status(let status, let message): .status(status, message: hide(in: message))
        case .unreachable(let reason): .unreachable(hide(in: reason))
        case .undecodable(let reason): .undecodable(hide(in: reason))
        case .timedOut, .busy: error
        }
    }
}

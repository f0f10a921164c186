package import DockerEngine
package import JSON

// Names and plain values, each checked by the rule of its type.

extension AppName: JSONRepresentable { package var json: JSONValue { .string(description) } }
extension HostName: JSONRepresentable { package var json: JSONValue { .string(description) } }
extension ImageReference: JSONRepresentable { package var json: JSONValue { .string(description) } }

extension FieldDecoder where Value == AppName {
    package static var appName: FieldDecoder {
        FieldDecoder<String>.string().map(AppName.init(_:), detail: \.message)
    }
}

extension FieldDecoder where Value == HostName {
    package static var hostName: FieldDecoder {
        FieldDecoder<String>.string().map(HostName.init(_:), detail: \.message)
    }
}

extension FieldDecoder where Value == TokenName {
    package static var tokenName: FieldDecoder {
        FieldDecoder<String>.string().map(TokenName.init(_:), detail: \.message)
    }
}

extension FieldDecoder where Value == EngineAddress {
    package static var endpoint: FieldDecoder {
        FieldDecoder<String>.string().map(EngineAddress.init(_:), detail: \.message)
    }
}

extension FieldDecoder where Value == ImageReference {
    package static var image: FieldDecoder {
        FieldDecoder<String>.string().map(ImageReference.init(_:), detail: \.message)
    }
}

extension FieldDecoder where Value == String {
    /// Text that `isValid` accepts.
    static func text(_ detail: String, _ isValid: @escaping @Sendable (String) -> Bool) -> FieldDecoder {
        FieldDecoder.string().map(
            { text throws(InvalidValue) in
                guard isValid(text) else { throw InvalidValue(detail) }
                return text
            },
            detail: \.message
        )
    }

    package static var user: FieldDecoder {
        text("must be 1 to 255 bytes without NUL and line breaks, such as \"1000:1000\"") { text in
            (1...255).contains(text.utf8.count) && !text.utf8.contains { [0, 10, 13].contains($0) }
        }
    }

    package static var workingDirectory: FieldDecoder {
        text("must be an absolute path in the container") { $0.isAbsolutePath }
    }

    /// Excludes names that have a special meaning for Docker, such as `host`.
    static var network: FieldDecoder {
        text(
            "must be 1 to 63 of a-z, A-Z, 0-9, _, . and -, begin with a letter or digit, and not be the name of one of "
                + "Docker's own networks"
        ) {
            let isName = $0.utf8.first.map(isASCIILetterOrDigit) ?? false
            return isName && $0.utf8.count <= 63
                && !["bridge", "host", "none", "default", "ingress"].contains($0.lowercased())
                && $0.utf8.allSatisfy { isASCIILetterOrDigit($0) || "_.-".utf8.contains($0) }
        }
    }

    static var hostname: FieldDecoder {
        text("must be 1 to 63 of a-z, A-Z, 0-9, - and ., and neither begin nor end with - or .") { $0.isHostname }
    }

    /// Accepts `SIGTERM`, `TERM` and `15`.
    static var stopSignal: FieldDecoder {
        text("must be the name or number of a signal, such as \"SIGQUIT\"") { text in
            if let number = Int(text) { return (1...64).contains(number) && text == "\(number)" }
            let name = text.hasPrefix("SIG") ? text.dropFirst(3) : text[...]
            return signals.contains(String(name))
        }
    }
}

private let signals: Set<String> = Set(
    """
    HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ \
    VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX
    """.split(separator: " ").map(String.init)
        + (1...15).map { "RTMIN+\($0)" } + (1...14).map { "RTMAX-\($0)" }
)

extension String {
    /// Whether this is a valid host name of at most 63 bytes.
    var isHostname: Bool {
        func isLetterOrDigit(_ byte: UInt8?) -> Bool { byte.map { isASCIILetterOrDigit($0) } ?? false }
        return (1...63).contains(utf8.count) && isLetterOrDigit(utf8.first) && isLetterOrDigit(utf8.last)
            && utf8.allSatisfy { isASCIILetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}

package func isASCIILetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}

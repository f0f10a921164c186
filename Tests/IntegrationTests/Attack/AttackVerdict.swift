import BerthAPI
import Glibc
import JSON

/// The result of an attack: each violation of a promise of the server.
///
/// It judges facts that others have collected, so that a test can show it wrong ones.
struct AttackVerdict: Sendable {
    let secrets: AttackSecrets
    /// The first violations; ``violationCount`` has all.
    private(set) var violations: [String] = []
    private(set) var violationCount = 0
    /// How many answers had each status.
    private(set) var statuses: [Int: Int] = [:]
    /// By the ids of endpoints, how many answers came from their routes rather than from the check of the token.
    private(set) var answered: [String: Int] = [:]

    init(secrets: AttackSecrets) { self.secrets = secrets }

    mutating func report(_ violation: String) {
        violationCount += 1
        if violations.count < 50 { violations.append(violation) }
    }

    mutating func merge(_ other: AttackVerdict) {
        for violation in other.violations { report(violation) }
        violationCount += other.violationCount - other.violations.count
        statuses.merge(other.statuses, uniquingKeysWith: +)
        answered.merge(other.answered, uniquingKeysWith: +)
    }
}

// Answers.
extension AttackVerdict {
    /// - Parameter place: where the request can be found again.
    mutating func judge(_ answer: RawAnswer, to request: AttackRequest, at place: String) {
        statuses[answer.status, default: 0] += 1
        if let endpoint = request.endpoint, answer.status != 401, answer.status != 429 {
            answered[endpoint.id, default: 0] += 1
        }
        var found = secrets.found(in: answer.body, mayHaveCanary: request.sender.maySeeCanary).map { "shows \($0)" }
        found += Self.headerFaults(answer)
        if answer.status >= 400 {
            // A response to HEAD has no body.
            if !request.isHead, answer.isComplete { found += Self.problemFaults(answer, of: request.endpoint) }
        } else {
            found += Self.successFaults(answer, to: request)
        }
        if answer.status == 500 { found.append("is an internal error") }
        for fault in found { report("\(place): \(request.line) → \(answer.status) \(fault)") }
    }

    private static func headerFaults(_ answer: RawAnswer) -> [String] {
        var found: [String] = []
        if answer.header("x-injected") != nil { found.append("has a header that the request made up") }
        if let location = answer.header("location"), !location.hasPrefix("/") || location.hasPrefix("//") {
            found.append("leads to \(location)")
        }
        if answer.header("x-request-id")?.isEmpty != false { found.append("has no request id") }
        return found
    }

    /// An error is a problem, in the form and with a code of its endpoint.
    private static func problemFaults(_ answer: RawAnswer, of endpoint: EndpointFacts?) -> [String] {
        guard answer.mediaType == ProblemJSON.mediaType, let json = answer.json,
            let problem = try? ProblemJSON(json), problem.json.text == json.text
        else { return ["is no problem document: \(answer.text.prefix(200))"] }
        guard let code = ProblemCode(rawValue: problem.code), code.status == answer.status else {
            return ["has the code \(problem.code)"]
        }
        guard !problem.detail.isEmpty, !problem.requestID.isEmpty else { return ["has no detail or no id"] }
        guard let endpoint else { return [] }
        let known = EndpointFacts.commonProblems + endpoint.problems + [.routeNotFound, .methodNotAllowed]
        return known.contains(code) ? [] : ["has the code \(code.rawValue), of which \(endpoint.id) does not know"]
    }

    private static func successFaults(_ answer: RawAnswer, to request: AttackRequest) -> [String] {
        guard let endpoint = request.endpoint else { return [] }
        if request.sender.isStranger, endpoint.permission != .anyone { return ["needs no token"] }
        guard endpoint.statuses.contains(answer.status) else { return ["is no status of \(endpoint.id)"] }
        guard answer.isComplete, !request.isHead, answer.status != 304,
            case .json(let name, _, let readBack) = endpoint.answer(at: answer.status)
        else { return [] }
        guard let json = answer.json, let read = try? readBack(json), read.text == json.text else {
            return ["is no \(name): \(answer.text.prefix(200))"]
        }
        return []
    }
}

// The server and its surroundings.
extension AttackVerdict {
    /// - Parameters:
    ///   - current: the id of the process that listens; nil if none does.
    ///   - isHealthy: whether it answers `GET /healthz`.
    mutating func judge(process: pid_t, current: pid_t?, isHealthy: Bool) {
        if current != process { report("the process \(process) is \(current.map { "now \($0)" } ?? "gone")") }
        if !isHealthy { report("the server does not answer GET /healthz") }
    }

    /// - Parameter bytes: the resident memory before the attack, and the most during it.
    mutating func judge(memoryBefore before: Int, most bytes: Int) {
        if bytes > before + (384 << 20) { report("the memory grew from \(before >> 20) to \(bytes >> 20) MiB") }
    }

    /// Only ssh may be started, and nothing of the attack may be in its arguments.
    ///
    /// - Parameter words: texts of the attack.
    mutating func judge(_ commands: some Sequence<ExecutedCommand>, words: [String]) {
        for command in commands {
            let line = ([command.program] + command.arguments).joined(separator: " ")
            if !command.isPermitted { report("a program was started: \(line)") }
            for word in words where line.contains(word) { report("\(word) is an argument of \(line)") }
            for secret in secrets.found(in: line) { report("\(secret) is an argument of \(command.program)") }
        }
    }

    /// - Parameter name: what the text is, such as `the log`.
    mutating func judge(_ text: String, named name: String) {
        for secret in secrets.found(in: text) { report("\(name) has \(secret)") }
    }

    /// Each line is one JSON object without control characters.
    mutating func judge(log: String) {
        judge(log, named: "the log")
        for line in log.split(separator: "\n") {
            guard case .object = try? JSONReader.parse(Array(line.utf8)) else {
                report("a line of the log is no object: \(line.prefix(200))")
                continue
            }
            if line.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 || $0.properties.isBidiControl })
            {
                report("a line of the log has a control character: \(line.prefix(200))")
            }
        }
    }

    /// - Parameter exists: whether there is a file that an injected command would have made.
    mutating func judge(canaryFile path: String, exists: Bool) {
        if exists { report("an injected command has made \(path)") }
    }

    /// The engine's containers are those that the API shows, and none has rights over its host.
    ///
    /// - Parameters:
    ///   - runs: as `GET /v1/runs` shows them.
    ///   - containers: as the engine's `inspect` shows them.
    mutating func judge(runs: [JSONValue], containers: [JSONValue]) {
        let known = Set(runs.map { $0["container_id"].string })
        for container in containers {
            let id = container["Id"].string
            if !known.contains(id) { report("no run has the container \(container["Name"].string)") }
            for violation in PrivilegedFields.violations(of: container) { report(violation) }
        }
        let present = Set(containers.map { $0["Id"].string })
        for run in runs where run["state"] == "running" && !present.contains(run["container_id"].string) {
            report("\(run["name"].string) is running, and its container is not there")
        }
    }

    /// The attack reached each endpoint, and was neither refused nor accepted as a whole.
    mutating func judgeCoverage(of endpoints: [EndpointFacts]) {
        for endpoint in endpoints where answered[endpoint.id] == nil { report("\(endpoint.id) was never reached") }
        let total = statuses.values.reduce(0, +)
        for (name, range, percent) in [("2xx", 200..<300, 3), ("4xx", 400..<500, 20)] {
            let count = statuses.filter { range.contains($0.key) }.values.reduce(0, +)
            if count * 100 < total * percent { report("only \(count) of \(total) answers were \(name)") }
        }
    }

    /// The numbers of answers by status, for the log of the test.
    var summary: String {
        let counts = statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return "\(statuses.values.reduce(0, +)) answers (\(counts)), \(violationCount) violations"
    }
}

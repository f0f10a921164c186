import BerthAPI
import JSON
import TestSupport

/// A request of an attack before it becomes bytes; mutations change its parts.
struct AttackDraft: Sendable {
    var method: String
    var path: String
    var query = ""
    var version = "HTTP/1.1"
    /// Whole lines, without their ends.
    var headers: [String]
    var body: [UInt8]?
    /// The lines that give the body's length; nil for the true `Content-Length`.
    var framing: [String]?
    /// Whether the server can tell where the request ends, so that another may follow.
    var isFramed = true
    /// Whether the request still belongs to its endpoint.
    var hasEndpoint = true

    var bytes: [UInt8] {
        var lines = ["\(method) \(path)\(query.isEmpty ? "" : "?" + query) \(version)"] + headers
        if let framing { lines += framing } else if let body { lines.append("Content-Length: \(body.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
    }
}

/// A request of an attack, and what may be expected of its answer.
struct AttackRequest: Sendable {
    let bytes: [UInt8]
    let sender: AttackSender
    /// What must answer it; nil if it was changed so far that anything may.
    let endpoint: EndpointFacts?
    let isHead: Bool
    let isFramed: Bool
    /// Whether its answer may go on for long.
    let mayStream: Bool

    init(_ draft: AttackDraft, from sender: AttackSender, to endpoint: EndpointFacts) {
        bytes = draft.bytes
        self.sender = sender
        self.endpoint = draft.hasEndpoint ? endpoint : nil
        isHead = draft.method == "HEAD"
        isFramed = draft.isFramed
        mayStream = endpoint.mayStream
    }

    /// Its first line, for reports.
    var line: String {
        let line = bytes.prefix { $0 != 13 && $0 != 10 }.prefix(160)
        return "\(sender.rawValue): \(String(decoding: line, as: UTF8.self))"
    }
}

extension EndpointFacts {
    /// Whether an answer may last until something happens.
    var mayStream: Bool {
        guard !path.hasSuffix("/wait") else { return true }
        return statuses.contains { status in
            guard case .text(let mediaTypes, _) = answer(at: status) else { return false }
            return mediaTypes.contains { $0 == "text/event-stream" || $0 == "application/x-ndjson" }
        }
    }
}

/// The requests of an attack: the same seed and stage give the same ones.
struct AttackPlan: Sendable {
    let seed: UInt64
    let stage: AttackStage

    /// The requests of a connection, of which only the last may be one whose end the server cannot tell.
    func requests(ofConnection number: Int) -> [AttackRequest] {
        var random = SeededGenerator(seed: seed &+ UInt64(number) &* 0x2545_F491_4F6C_DD1D)
        var requests: [AttackRequest] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            requests.append(request(using: &random))
            if requests.last?.isFramed == false || requests.last?.mayStream == true { break }
        }
        return requests
    }

    private func request(using random: inout SeededGenerator) -> AttackRequest {
        let endpoint = EndpointFacts.all.randomElement(using: &random) ?? Endpoint.alive.facts
        let sender = Self.senders.randomElement(using: &random) ?? .deployer
        var draft = AttackDraft(
            method: endpoint.method.rawValue,
            path: stage.path(of: endpoint, from: sender, using: &random),
            headers: ["Host: 127.0.0.1:\(stage.port)"]
        )
        if endpoint.parameters.contains(where: { $0.name == "force" }) { draft.query = "force=true" }
        authorize(&draft, as: sender, using: &random)
        fillBody(of: &draft, for: endpoint)
        // One in seven stays valid, so that the attack goes on with things that exist.
        for _ in 0..<(Int.random(in: 0..<7, using: &random) == 0 ? 0 : Int.random(in: 1...3, using: &random)) {
            AttackMutation.all.randomElement(using: &random)?.apply(&draft, stage, &random)
        }
        return AttackRequest(draft, from: sender, to: endpoint)
    }

    /// The permitted ones more often: strangers get no further than to 401.
    private static let senders =
        AttackSender.allCases + Array(repeating: .deployer, count: 10) + Array(repeating: .admin, count: 5) + [.viewer]

    private func fillBody(of draft: inout AttackDraft, for endpoint: EndpointFacts) {
        switch endpoint.body {
        case .none: break
        case .empty: draft.body = nil
        case .bytes: draft.body = Array("echo attack\n".utf8)
        case .fields, .settings:
            draft.headers.append("Content-Type: application/json")
            draft.body = (stage.bodies[endpoint.id] ?? [:]).encoded()
        }
        // The length of an empty body.
        if draft.body == nil, endpoint.method != .get { draft.body = [] }
    }

    private func authorize(
        _ draft: inout AttackDraft,
        as sender: AttackSender,
        using random: inout SeededGenerator
    ) {
        switch sender {
        case .nobody: break
        case .odd: draft.headers.append(contentsOf: Self.odd.randomElement(using: &random) ?? [])
        case .admin, .deployer, .viewer, .otherViewer, .expired, .revoked, .unknown:
            draft.headers.append("Authorization: Bearer \(stage.tokens[sender] ?? "")")
        }
    }

    private static let odd: [[String]] = [
        ["Authorization: Bearer"], ["Authorization: Bearer "], ["Authorization:"],
        ["Authorization: Basic YWRtaW46YWRtaW4="],
        ["Authorization: bearer berth_" + String(repeating: "A", count: 52)],
        ["Authorization: Bearer null"], ["Authorization: Bearer undefined"], ["Authorization: Bearer %00"],
        ["Authorization: Bearer ' OR 1=1 --"], ["Authorization: Bearer berth_a", "Authorization: Bearer berth_b"],
        ["Authorization: Bearer " + String(repeating: "x", count: 6000)], ["Authorization: Bearer é🚢"],
        ["Cookie: berth_session=a"], ["Cookie: berth_session=" + String(repeating: "a", count: 52)],
        ["Cookie: berth_session=; berth_session==;;"], ["Proxy-Authorization: Bearer berth_a"],
        ["X-Forwarded-User: admin", "X-Forwarded-For: 127.0.0.1"], ["Authorization: Digest username=\"admin\""],
    ]
}

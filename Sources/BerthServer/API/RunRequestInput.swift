import Berth
import JSON

/// A client's request to start runs, validated.
struct RunRequestInput: Sendable {
    let order: RunRequest
    let wait: Wait
    /// How long to wait for ``Wait/finished``.
    let timeout: Duration

    /// When a client wants the response.
    enum Wait: String, CaseIterable, Sendable {
        /// As soon as the runs are recorded.
        case created
        /// Once the containers have been started.
        case started
        /// Once they have ended.
        case finished
    }

    /// - Parameter hosts: the existing hosts.
    init(_ json: JSONValue, of app: AppName, hosts: [HostName]) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body, of: app, hosts: hosts)
    }

    static let schema = ObjectReader.schema(title: "RunRequest") { body in
        _ = try? RunRequestInput(&body, of: AppName("web"), hosts: [])
    }

    /// Reads the request from fields of an object.
    private init(_ body: inout ObjectReader, of app: AppName, hosts: [HostName]) throws(FieldErrors) {
        let count = body.optional("count", .integer(in: RunRequest.countRange)) ?? 1
        let overrides = RunOverrides(&body)
        let host = body.host(among: hosts)
        wait =
            body.optional("wait", .choice(of: Wait.allCases.map(\.rawValue))).flatMap { Wait(rawValue: $0) } ?? .started
        timeout = .seconds(body.optional("timeout", .integer(in: 1...86_400)) ?? 3600)
        try body.finish()
        order = RunRequest(app: app, count: count, host: host, overrides: overrides)
    }
}

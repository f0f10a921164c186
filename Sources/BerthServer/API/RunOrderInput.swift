import Berth
import BerthAPI

/// What a client wants run, checked.
struct RunOrderInput: Sendable {
    let order: RunOrder
    let wait: Wait
    /// How long to wait for ``Wait/finished``.
    let timeout: Duration

    /// When a client wants its answer.
    enum Wait: String, CaseIterable, Sendable {
        /// As soon as the runs are recorded.
        case created
        /// Once the containers have been started.
        case started
        /// Once they have ended.
        case finished
    }

    /// - Parameter hosts: those that there are.
    init(_ json: JSONValue, of app: AppName, hosts: [HostName]) throws(FieldFaults) {
        var body = ObjectReader(json)
        let count = body.optional("count", .integer(in: RunOrder.countRange)) ?? 1
        let command = body.optional("command", .command) ?? nil
        let variables = body.optional("variables", .variables) ?? Variables()
        let host = body.optional("host", .host(among: hosts))
        wait =
            body.optional("wait", .choice(of: Wait.allCases.map(\.rawValue))).flatMap { Wait(rawValue: $0) } ?? .started
        timeout = .seconds(body.optional("timeout", .integer(in: 1...86_400)) ?? 3600)
        try body.finish()
        let overrides = RunOverrides(command: command, variables: variables)
        order = RunOrder(app: app, count: count, host: host, overrides: overrides)
    }
}

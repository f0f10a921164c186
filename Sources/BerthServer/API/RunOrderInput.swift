import Berth
import BerthAPI

/// What a client wants run, checked.
struct RunOrderInput: Sendable {
    let order: RunOrder
    let wait: Wait

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
        wait = body.optional("wait", .wait) ?? .started
        try body.finish()
        let overrides = RunOverrides(command: command, variables: variables)
        order = RunOrder(app: app, count: count, host: host, overrides: overrides)
    }
}

extension FieldShape where Value == RunOrderInput.Wait {
    fileprivate static var wait: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            let word = try FieldShape<String>.choice(of: Value.allCases.map(\.rawValue)).read(value, pointer)
            guard let wait = Value(rawValue: word), wait != .finished else {
                throw FieldFaults(
                    "to wait until they have finished is not possible yet; wait for \"started\" and ask GET /v1/runs/{run}",
                    at: pointer
                )
            }
            return wait
        }
    }
}

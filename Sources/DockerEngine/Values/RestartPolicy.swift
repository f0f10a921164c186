/// When an engine starts a container again by itself.
package enum RestartPolicy: Hashable, Sendable {
    case no
    /// After an exit code other than 0, at most so many times in a row; for ever where nil.
    case onFailure(retries: Int?)
    case always
    /// Like ``always``, but one that was stopped stays so when the engine itself starts again.
    case unlessStopped
}

/// In the form of Docker's command line: `on-failure:5`.
extension RestartPolicy: LosslessStringConvertible {
    package init?(_ description: String) {
        switch description {
        case "no": self = .no
        case "on-failure": self = .onFailure(retries: nil)
        case "always": self = .always
        case "unless-stopped": self = .unlessStopped
        default:
            guard description.hasPrefix("on-failure:"), let retries = Int(description.dropFirst("on-failure:".count)),
                retries > 0, retries <= 1000, description == "on-failure:\(retries)"
            else { return nil }
            self = .onFailure(retries: retries)
        }
    }

    package var description: String {
        switch self {
        case .no: "no"
        case .onFailure(let retries): "on-failure" + (retries.map { ":\($0)" } ?? "")
        case .always: "always"
        case .unlessStopped: "unless-stopped"
        }
    }
}

/// `HostConfig.RestartPolicy`.
struct WireRestartPolicy: Codable {
    private let name: String?
    private let retries: Int?

    init(_ policy: RestartPolicy) {
        name = policy.description.split(separator: ":").first.map(String.init)
        if case .onFailure(let retries) = policy { self.retries = retries } else { retries = nil }
    }

    /// Nil for none, and for one that is unknown here.
    var policy: RestartPolicy? {
        guard let policy = name.flatMap({ RestartPolicy($0) }) else { return nil }
        guard case .onFailure = policy, let retries, retries > 0 else { return policy }
        return .onFailure(retries: retries)
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case retries = "MaximumRetryCount"
    }
}

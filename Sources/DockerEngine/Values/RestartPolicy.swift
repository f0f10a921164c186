/// When an engine restarts a container by itself.
package enum RestartPolicy: Hashable, Sendable {
    case no
    /// After an exit code other than 0, at most this many times in a row; nil for no limit.
    case onFailure(retries: Int?)
    case always
    /// Like ``always``, but a container that was stopped stays stopped when the engine restarts.
    case unlessStopped
}

/// The format of Docker's command line: `on-failure:5`.
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

    /// Nil for no policy and for an unknown one.
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

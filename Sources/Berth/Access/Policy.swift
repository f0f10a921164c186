import DockerEngine

/// What all apps and their runs must keep to, and what each new container gets; administrators are bound by it as well.
///
/// Nil means no limit.
package struct Policy: Sendable, Equatable {
    /// An image is allowed if one of these matches it.
    var images: [ImagePattern] = [.any]
    /// In bytes.
    var maxMemory: Int64?
    var maxCPUs: CPUs?
    var maxPIDs: Int?
    /// The most live runs of an app.
    var maxRunsPerApp: Int?
    var hostPorts = HostPortRule.any
    var containers = ContainerDefaults()

    init() {}
}

/// What a policy denies: each rule that is violated, and how.
package struct PolicyDenial: Error, Sendable, Equatable {
    struct Violation: Sendable, Equatable {
        /// The name of the policy's field.
        let rule: String
        let reason: String
    }

    let violations: [Violation]
}

extension PolicyDenial: CustomStringConvertible {
    package var description: String { violations.map { "\($0.rule): \($0.reason)" }.joined(separator: "; ") }
}

// The decision. Every change of an app and every start of a run must pass it.
extension Policy {
    /// Why these settings must not be used; nil if they may.
    ///
    /// - Parameter runs: the number of live runs that the app would have; nil if that is no matter or was checked.
    func denial(of settings: AppSettings, runs: Int? = nil) -> PolicyDenial? {
        denial(of: settings, pids: settings.pidsLimit ?? defaultPIDsLimit, runs: runs)
    }

    /// Why this container must not be started again; nil if it may.
    ///
    /// - Parameter runs: the number of live runs that its app would have; nil if that was checked.
    func denial(of container: ContainerDetails, runs: Int?) -> PolicyDenial? {
        guard let settings = AppSettings(of: container, image: nil) else {
            return denial([("images", "the container names no image")])
        }
        return denial(of: settings, pids: container.hostConfig?.pidsLimit, runs: runs)
    }

    /// Why an image must not be pulled; nil if it may.
    func denial(of image: ImageReference) -> PolicyDenial? { denial([("images", objection(to: image))]) }

    private func denial(of settings: AppSettings, pids: Int?, runs: Int?) -> PolicyDenial? {
        let cpus = settings.cpus
        return denial([
            ("images", objection(to: settings.image)),
            ("max_memory_bytes", Self.objection(to: "memory_bytes", settings.memory, above: maxMemory)),
            ("max_cpus", Self.objection(to: "cpus", cpus, above: maxCPUs)),
            ("max_pids", Self.objection(to: "pids_limit", pids, above: maxPIDs)),
            (
                "max_runs_per_app",
                runs.flatMap { runs in
                    maxRunsPerApp.flatMap {
                        runs > $0 ? "the app would have \(runs) live runs, and may have \($0)" : nil
                    }
                }
            ),
            ("host_ports", objection(to: settings.ports)),
        ])
    }

    private func denial(_ rules: [(name: String, objection: String?)]) -> PolicyDenial? {
        let violations = rules.compactMap { rule in
            rule.objection.map { PolicyDenial.Violation(rule: rule.name, reason: $0) }
        }
        return violations.isEmpty ? nil : PolicyDenial(violations: violations)
    }

    private func objection(to image: ImageReference) -> String? {
        images.contains { $0.matches(image) } ? nil : "\(image.canonical) matches none of the allowed images"
    }

    private static func objection<Value: Comparable>(to setting: String, _ value: Value?, above limit: Value?)
        -> String?
    {
        guard let limit else { return nil }
        guard let value else { return "set \(setting), to at most \(limit)" }
        return value > limit ? "\(setting) is \(value), and may be at most \(limit)" : nil
    }

    private func objection(to ports: Ports) -> String? {
        let denied = ports.list.filter { !hostPorts.allows($0.host) }.map(\.description)
        guard let first = denied.first else { return nil }
        let others = denied.count == 1 ? "" : " and \(denied.count - 1) more"
        let reason = hostPorts == .none ? "no port may be published" : "these ports of the host are not allowed"
        return "\(reason): \(first)\(others)"
    }

    /// The limit of processes that an app without one gets; nil for none.
    var defaultPIDsLimit: Int? { [containers.pidsLimit, maxPIDs].compactMap(\.self).min() }
}

/// A host's port that leads into a running container; an item of `NetworkSettings.Ports` in `GET
/// /containers/{id}/json`.
package struct PublishedPort: Hashable, Sendable {
    package let container: ContainerPort
    package let hostPort: UInt16
    /// Nil for all addresses of the host.
    package let hostAddress: String?

    /// - Parameter address: where the engine listens; all IPv4 addresses and all IPv6 addresses count as all.
    init(container: ContainerPort, hostPort: UInt16, listening address: String?) {
        self.container = container
        self.hostPort = hostPort
        hostAddress = address == "0.0.0.0" || address == "::" || address == "" ? nil : address
    }
}

extension PublishedPort: Comparable {
    package static func < (left: PublishedPort, right: PublishedPort) -> Bool {
        guard left.container == right.container else { return left.container < right.container }
        return (left.hostPort, left.hostAddress ?? "") < (right.hostPort, right.hostAddress ?? "")
    }
}

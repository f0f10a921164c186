/// A port of a host's that leads into a running container; of `NetworkSettings.Ports` in `GET /containers/{id}/json`.
package struct PublishedPort: Hashable, Sendable {
    package let container: ContainerPort
    package let hostPort: UInt16
    /// All of the host's where nil.
    package let hostAddress: String?

    /// - Parameter address: where the engine listens; all IPv4 addresses and all IPv6 ones are taken for all.
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

/// A mapping of a container's port to one of its host; an item of `HostConfig.PortBindings`.
///
/// Used by `POST /containers/create` and `GET /containers/{id}/json`. One port of a container may have several.
package struct PortBinding: Hashable, Sendable {
    package var container: ContainerPort
    /// If nil, the engine chooses one at each start.
    package var hostPort: UInt16?
    /// Nil for all addresses of the host.
    package var hostAddress: String?

    package init(_ container: ContainerPort, hostPort: UInt16? = nil, hostAddress: String? = nil) {
        self.container = container
        self.hostPort = hostPort
        self.hostAddress = hostAddress
    }
}

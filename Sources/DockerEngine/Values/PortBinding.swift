/// That a container's port shall be reached through one of its host; of `HostConfig.PortBindings`.
///
/// Used by `POST /containers/create` and `GET /containers/{id}/json`. One port of a container may have several.
package struct PortBinding: Hashable, Sendable {
    package var container: ContainerPort
    /// Chosen by the engine at each start where nil.
    package var hostPort: UInt16?
    /// All of the host's where nil.
    package var hostAddress: String?

    package init(_ container: ContainerPort, hostPort: UInt16? = nil, hostAddress: String? = nil) {
        self.container = container
        self.hostPort = hostPort
        self.hostAddress = hostAddress
    }
}

package import DockerEngine

/// A Docker Engine that Berth runs containers on, as it was given to the server.
package struct Host: Sendable, Equatable {
    package let name: HostName
    package var address: EngineAddress
    package let source: Source
    /// Whether it gets no new runs.
    package var isDrained = false

    package init(name: HostName, address: EngineAddress, source: Source, isDrained: Bool = false) {
        self.name = name
        self.address = address
        self.source = source
        self.isDrained = isDrained
    }

    /// Who gave it to the server; only hosts from the API can be changed and removed there.
    package enum Source: String, Sendable, CaseIterable {
        case flag
        case api
    }
}

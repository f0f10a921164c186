package import DockerEngine

/// Ports that are published on the host, each once.
package struct Ports: Sendable, Equatable {
    package private(set) var list: [Port] = []

    package init() {}

    package mutating func append(_ port: Port) throws(InvalidValue) {
        guard !list.contains(port) else { throw InvalidValue("the port \(port) is given twice") }
        if let host = port.host, list.contains(where: { $0.host == host && $0.transport == port.transport }) {
            throw InvalidValue("the host's port \(host)/\(port.transport.rawValue) is given twice")
        }
        guard list.count < 100 else { throw InvalidValue("has at most 100 ports") }
        list.append(port)
    }
}

package struct Port: Sendable, Hashable, CustomStringConvertible {
    package let container: UInt16
    /// Chosen by the engine where nil.
    package let host: UInt16?
    package let transport: PortProtocol

    package init(container: UInt16, host: UInt16?, transport: PortProtocol) throws(InvalidValue) {
        guard container > 0, host != 0 else { throw InvalidValue("a port is a number from 1 to 65535") }
        self.container = container
        self.host = host
        self.transport = transport
    }

    package var description: String {
        "\(host.map { "\($0):" } ?? "")\(container)/\(transport.rawValue)"
    }
}

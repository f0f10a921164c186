/// A port inside a container, which Docker writes `80/tcp`.
package struct ContainerPort: Hashable, Sendable, CustomStringConvertible {
    package let number: UInt16
    package let transport: PortProtocol

    package init(_ number: UInt16, _ transport: PortProtocol = .tcp) {
        self.number = number
        self.transport = transport
    }

    /// Nil unless `text` is a port number, alone or followed by a slash and a protocol that Docker knows.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let number = parts.first.flatMap({ decimal($0) }), number > 0 else { return nil }
        guard parts.count == 2 else {
            self.init(number)
            return
        }
        guard let transport = PortProtocol(rawValue: String(parts[1])) else { return nil }
        self.init(number, transport)
    }

    package var description: String { "\(number)/\(transport.rawValue)" }
}

extension ContainerPort: Comparable {
    package static func < (left: ContainerPort, right: ContainerPort) -> Bool {
        (left.number, left.transport.rawValue) < (right.number, right.transport.rawValue)
    }
}

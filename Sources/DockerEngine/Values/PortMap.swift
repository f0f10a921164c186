/// Docker's format for port mappings: `{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}`.
///
/// A port that is exposed but not published has null. Source: `PortMap` in the Docker Engine API reference.
struct PortMap: Sendable, Equatable {
    private let ends: [String: [HostEnd]?]

    init(_ bindings: [PortBinding]) {
        var ends: [String: [HostEnd]] = [:]
        for binding in bindings {
            let end = HostEnd(address: binding.hostAddress, port: binding.hostPort.map { "\($0)" } ?? "")
            ends[binding.container.description, default: []].append(end)
        }
        self.ends = ends
    }

    /// The value of `ExposedPorts`, without which an engine publishes nothing.
    var exposed: [String: [String: String]] { ends.mapValues { _ in [:] } }

    /// The requested mappings that a ``PortBinding`` can represent, in order of the container's ports.
    var bindings: [PortBinding] {
        ends.compactMap { name, ends in ContainerPort(name).map { ($0, ends ?? []) } }
            .sorted { $0.0 < $1.0 }
            .flatMap { port, ends in ends.compactMap { $0.binding(of: port) } }
    }

    /// The published ports, in order; an end on all IPv4 addresses and the same end on all IPv6 addresses are merged.
    var published: [PublishedPort] {
        Set(
            bindings.compactMap { binding in
                binding.hostPort.map { hostPort in
                    PublishedPort(container: binding.container, hostPort: hostPort, listening: binding.hostAddress)
                }
            }
        ).sorted()
    }
}

extension PortMap: Codable {
    init(from decoder: any Decoder) throws {
        ends = try decoder.singleValueContainer().decode([String: [HostEnd]?].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(ends)
    }
}

/// Whether `text` can be an IPv4 or IPv6 address; a scope after `%` names a network interface.
private func isAddress(_ text: String) -> Bool {
    text.utf8.count <= 64 && text.utf8.allSatisfy { $0.isAlphanumeric || ".:%-_".utf8.contains($0) }
}

/// The host's side of a published port.
private struct HostEnd: Codable, Sendable, Equatable {
    let address: String?
    /// In decimal; empty if the engine chooses.
    let port: String?

    init(address: String?, port: String?) {
        self.address = address
        self.port = port
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        address = try container.decodeUnlessEmpty(forKey: .address)
        port = try container.decodeUnlessEmpty(forKey: .port)
        if let address, !isAddress(address) {
            throw DecodingError.dataCorruptedError(forKey: .address, in: container, debugDescription: "no address")
        }
    }

    /// Nil if the host port is a range.
    func binding(of container: ContainerPort) -> PortBinding? {
        guard let port else { return PortBinding(container, hostAddress: address) }
        guard let number = decimal(port[...]) else { return nil }
        return PortBinding(container, hostPort: number == 0 ? nil : number, hostAddress: address)
    }

    private enum CodingKeys: String, CodingKey {
        case address = "HostIp"
        case port = "HostPort"
    }
}

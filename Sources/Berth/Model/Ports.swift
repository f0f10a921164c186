package import DockerEngine
package import JSON

/// Ports that are published on the host, without duplicates.
package typealias Ports = SettingList<Port>

package struct Port: SettingElement, Hashable, CustomStringConvertible, JSONRepresentable {
    package let container: UInt16
    /// Nil lets the engine choose.
    package let host: UInt16?
    /// The host's IP address on which it is published; nil means all addresses.
    package let address: String?
    package let transport: PortProtocol

    package init(
        container: UInt16,
        host: UInt16?,
        address: String? = nil,
        transport: PortProtocol = .tcp
    ) throws(InvalidValue) {
        guard container > 0, host != 0 else { throw InvalidValue("a port must be a number from 1 to 65535") }
        if let address, IPAddress(address) == nil {
            throw InvalidValue("the address must be an IPv4 or IPv6 address of the host, such as \"127.0.0.1\"")
        }
        self.container = container
        self.host = host
        self.address = address
        self.transport = transport
    }

    package static let limit = (count: 100, name: "ports")

    package func conflict(with earlier: Port) -> String? {
        guard self != earlier else { return "the port \(self) is given twice" }
        guard let host, host == earlier.host, transport == earlier.transport,
            address == earlier.address || address == nil || earlier.address == nil
        else { return nil }
        return "the host's port \(host)/\(transport.rawValue) is given twice"
    }

    package var description: String {
        let start = address.map { $0.contains(":") ? "[\($0)]:" : "\($0):" } ?? ""
        return "\(start)\(host.map { "\($0):" } ?? "")\(container)/\(transport.rawValue)"
    }

    package var json: JSONValue {
        [
            "container": JSONValue(container), "host": JSONValue(host), "protocol": .string(transport.rawValue),
            "address": JSONValue(address),
        ]
    }
}

extension FieldDecoder where Value == Ports {
    package static var ports: FieldDecoder {
        collection(ofParts: .ports)
    }
}

extension FieldDecoder where Value == [Port] {
    /// A number, an object, or text such as `8080:80/udp`, which may have ranges of ports.
    fileprivate static var ports: FieldDecoder {
        let (number, text, object) = (fromNumber, fromText, fromObject)
        return FieldDecoder(
            schema: .schema(ofOne: number.schema, text.schema, object.schema),
            encodedSchema: object.encodedSchema
        ) { value, pointer throws(FieldErrors) in
            switch value {
            case .number: try number.read(value, pointer)
            case .string: try text.read(value, pointer)
            case .object: try object.read(value, pointer)
            default:
                throw .wrongKind(value, wanted: "a number, text such as \"8080:80/udp\", or an object", at: pointer)
            }
        }
    }

    /// The published ports of a run: one port may have several host ports if it is published on all addresses.
    static var publishedPorts: FieldDecoder {
        FieldDecoder<[[Port]]>.list(of: fromObject).map { $0.flatMap { $0 } }
    }

    private static var fromNumber: FieldDecoder {
        FieldDecoder<Int>.integer(in: 1...65535).map(
            { number throws(InvalidValue) in [try Port(container: UInt16(clamping: number), host: nil)] },
            detail: \.message
        )
    }

    private static var fromText: FieldDecoder {
        FieldDecoder<String>.string().map(Port.list(fromText:), detail: \.message)
    }

    private static var fromObject: FieldDecoder {
        FieldDecoder<(Int, Int?, String?, PortProtocol)>.object { fields throws(FieldErrors) in
            let container = fields.required("container", .integer(in: 1...65535))
            let host = fields.optional("host", .integer(in: 1...65535))
            let address = fields.optional("address", .string())
            let transport = fields.optional("protocol", .choice(of: PortProtocol.allCases.map(\.rawValue)))
            return (
                try fields.finish(container), host, address, transport.flatMap { PortProtocol(rawValue: $0) } ?? .tcp
            )
        }.map(
            { container, host, address, transport throws(InvalidValue) in
                let (container, host) = (UInt16(clamping: container), host.map { UInt16(clamping: $0) })
                return [try Port(container: container, host: host, address: address, transport: transport)]
            },
            detail: \.message
        )
    }
}

extension Port {
    /// Reads `[[address:]host:]container[/protocol]`; both ports may be ranges of the same length, such as `8000-8010`.
    fileprivate static func list(fromText text: String) throws(InvalidValue) -> [Port] {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let transport = halves.count == 2 ? PortProtocol(rawValue: String(halves[1])) : .tcp else {
            throw InvalidValue(
                "the protocol must be one of \(PortProtocol.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        var parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
        let containers = parts.popLast().flatMap(range)
        let last = parts.popLast()
        // As with Docker, the engine chooses the host port if there is only an address.
        let isChosen = last?.isEmpty == true && !parts.isEmpty
        let hosts = isChosen ? nil : last.flatMap(range)
        var address = parts.isEmpty ? nil : parts.joined(separator: ":")
        if let given = address, given.hasPrefix("["), given.hasSuffix("]") {
            address = String(given.dropFirst().dropLast())
        }
        guard let containers, hosts != nil || last == nil || isChosen,
            hosts?.count ?? containers.count == containers.count
        else {
            throw InvalidValue(
                "must be CONTAINER, HOST:CONTAINER or ADDRESS:HOST:CONTAINER, optionally with /tcp, /udp or /sctp; "
                    + "ports are 1 to 65535, or ranges of equal length such as 8000-8010"
            )
        }
        guard containers.count <= 100 else { throw InvalidValue("a range must have at most 100 ports") }
        var ports: [Port] = []
        for container in containers {
            let host = hosts.map { $0.lowerBound + (container - containers.lowerBound) }
            try ports.append(Port(container: container, host: host, address: address, transport: transport))
        }
        return ports
    }

    private static func range(_ text: Substring) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(number)
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        return first...last
    }

    /// Rejects the sign that Swift's own parser allows.
    private static func number(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(text).flatMap { $0 > 0 ? $0 : nil }
    }
}

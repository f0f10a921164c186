import Berth
import BerthAPI
import DockerEngine

extension FieldShape where Value == Port {
    /// A number, text such as `8080:80/udp`, or an object.
    static var port: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            switch value {
            case .number: try fromNumber.read(value, pointer)
            case .string: try fromText.read(value, pointer)
            case .object: try fromObject.read(value, pointer)
            default:
                throw .wrongKind(value, wanted: "a number, text such as \"8080:80/udp\", or an object", at: pointer)
            }
        }
    }

    private static var fromNumber: FieldShape {
        FieldShape<Int>.integer(in: 1...65535).map(
            { number throws(InvalidValue) in try Port(container: number, host: nil, protocol: "tcp") },
            detail: \.message
        )
    }

    private static var fromText: FieldShape {
        FieldShape<String>.string().map(Port.init(text:), detail: \.message)
    }

    private static var fromObject: FieldShape {
        FieldShape<(container: Int, host: Int?, transport: String)>.object { fields throws(FieldFaults) in
            let container = fields.required("container", .integer(in: 1...65535))
            let host = fields.optional("host", .integer(in: 1...65535))
            let transport = fields.optional("protocol", .choice(of: PortProtocol.allCases.map(\.rawValue))) ?? "tcp"
            return (try fields.finish(container), host, transport)
        }.map(
            { port throws(InvalidValue) in
                try Port(container: port.container, host: port.host, protocol: port.transport)
            },
            detail: \.message
        )
    }
}

extension Port {
    /// Reads `[host:]container[/protocol]`.
    fileprivate init(text: String) throws(InvalidValue) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { Self.number($0) }
        guard (1...2).contains(numbers.count), let container = numbers[numbers.count - 1], let first = numbers[0] else {
            throw InvalidValue(
                "must be CONTAINER, HOST:CONTAINER or either with /tcp, /udp or /sctp; ports are 1 to 65535"
            )
        }
        try self.init(
            container: container,
            host: numbers.count == 2 ? first : nil,
            protocol: halves.count == 2 ? String(halves[1]) : "tcp"
        )
    }

    /// Both numbers are known to be ports.
    fileprivate init(container: Int, host: Int?, protocol name: String) throws(InvalidValue) {
        guard let transport = PortProtocol(rawValue: name) else {
            throw InvalidValue(
                "the protocol is one of \(PortProtocol.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        try self.init(
            container: UInt16(clamping: container),
            host: host.map { UInt16(clamping: $0) },
            transport: transport
        )
    }

    /// Without the sign that Swift's own reading of numbers allows.
    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).flatMap { (1...65535).contains($0) ? $0 : nil }
    }
}

import JSON

/// The ports of hosts on which apps may publish theirs.
enum HostPortRule: Sendable, Hashable {
    case any
    /// No port may be published, not even one that the engine chooses.
    case none
    /// These, and those that the engine chooses.
    case ranges([ClosedRange<Int>])

    /// - Parameter port: nil if the engine chooses it.
    func allows(_ port: UInt16?) -> Bool {
        switch self {
        case .any: true
        case .none: false
        case .ranges(let ranges): port.map { port in ranges.contains { $0.contains(Int(port)) } } ?? true
        }
    }
}

extension HostPortRule: JSONRepresentable {
    var json: JSONValue {
        switch self {
        case .any: "any"
        case .none: "none"
        case .ranges(let ranges): .array(ranges.map { [JSONValue($0.lowerBound), JSONValue($0.upperBound)] })
        }
    }
}

extension FieldDecoder where Value == HostPortRule {
    /// `any`, `none`, or a list of first and last ports.
    static var hostPorts: FieldDecoder {
        let word = FieldDecoder<String>.choice(of: ["any", "none"])
        let ranges = FieldDecoder<[ClosedRange<Int>]>.list(of: .portRange, count: 0...100)
        return FieldDecoder(schema: .schema(ofOne: word.schema, ranges.schema)) { value, pointer throws(FieldErrors) in
            switch value {
            case .string: try word.read(value, pointer) == "any" ? .any : .none
            case .array: .ranges(try ranges.read(value, pointer))
            default:
                throw .wrongKind(value, wanted: "\"any\", \"none\", or a list such as [[8000, 8999]]", at: pointer)
            }
        }
    }
}

extension FieldDecoder where Value == ClosedRange<Int> {
    fileprivate static var portRange: FieldDecoder {
        FieldDecoder<[Int]>.list(of: .integer(in: 1...65535), count: 2...2).map(
            { ends throws(InvalidValue) in
                guard ends.count == 2, ends[0] <= ends[1] else {
                    throw InvalidValue("must be the first and the last port, such as [8000, 8999]")
                }
                return ends[0]...ends[1]
            },
            detail: \.message
        )
    }
}

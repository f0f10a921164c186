package import JSON

/// Names that a container resolves in addition to those of DNS; they are unique.
package struct ExtraHosts: Sendable, Equatable, JSONRepresentable {
    package private(set) var list: [ExtraHost] = []

    package init() {}

    package mutating func append(_ host: ExtraHost) throws(InvalidValue) {
        guard !list.contains(where: { $0.name == host.name }) else {
            throw InvalidValue("the name \"\(host.name)\" is given twice")
        }
        guard list.count < 100 else { throw InvalidValue("must have at most 100 names") }
        list.append(host)
    }

    package var json: JSONValue { JSONValue(list.map { NamedString(name: $0.name, value: $0.address) }) }
}

package struct ExtraHost: Sendable, Equatable {
    package let name: String
    /// An IP address, or `host-gateway` for the host's own address as its containers see it.
    package let address: String

    package init(name: String, address: String) throws(InvalidValue) {
        guard name.isHostname else { throw InvalidValue("the name must be 1 to 63 of a-z, A-Z, 0-9, - and .") }
        guard address == "host-gateway" || isIPAddress(address) else {
            throw InvalidValue("the address must be an IPv4 or IPv6 address, or \"host-gateway\"")
        }
        self.name = name
        self.address = address
    }

    /// In the form of `HostConfig.ExtraHosts`: `name:address`.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        try? self.init(name: String(text[..<colon]), address: String(text[text.index(after: colon)...]))
    }
}

extension FieldDecoder where Value == ExtraHosts {
    static var extraHosts: FieldDecoder {
        named(ExtraHosts(), make: ExtraHost.init(name:address:)) { (list, host) throws(InvalidValue) in
            try list.append(host)
        }
    }
}

import JSON

/// Names that a container resolves in addition to those of DNS; they are unique.
package typealias ExtraHosts = SettingList<ExtraHost>

package struct ExtraHost: NamedElement {
    package let name: String
    /// An IP address, or `host-gateway` for the host's own address as its containers see it.
    package let address: String

    package var value: String { address }

    package init(name: String, value address: String) throws(InvalidValue) {
        guard name.isHostname else { throw InvalidValue("the name must be 1 to 63 of a-z, A-Z, 0-9, - and .") }
        guard address == "host-gateway" || IPAddress(address) != nil else {
            throw InvalidValue("the address must be an IPv4 or IPv6 address, or \"host-gateway\"")
        }
        self.name = name
        self.address = address
    }

    /// In the form of `HostConfig.ExtraHosts`: `name:address`.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        try? self.init(name: String(text[..<colon]), value: String(text[text.index(after: colon)...]))
    }

    package static let limit = (count: 100, name: "names")

    package func conflict(with earlier: ExtraHost) -> String? {
        name == earlier.name ? "the name \"\(name)\" is given twice" : nil
    }
}

extension FieldDecoder where Value == ExtraHosts {
    static var extraHosts: FieldDecoder {
        named()
    }
}

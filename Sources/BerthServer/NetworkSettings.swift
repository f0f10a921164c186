import Berth
import Configuration

/// The settings for clients on other machines: TLS, names of the server, proxies and limits.
package struct NetworkSettings: Sendable {
    /// Nil without TLS.
    package let tls: TLSFiles?
    /// Further names of the server in the `Host` header, in lower case; IPv6 addresses in brackets.
    let allowedHosts: [String]
    let trustedProxies: TrustedProxies
    /// How many requests an address without a valid token may send in a minute; nil for any number.
    package let rateLimit: Int?
    /// Whether `GET /metrics` needs no token.
    package let opensMetrics: Bool

    static let standardRateLimit = 600

    init(
        tls: TLSFiles? = nil,
        allowedHosts: [String] = [],
        trustedProxies: TrustedProxies = TrustedProxies(networks: []),
        rateLimit: Int? = standardRateLimit,
        opensMetrics: Bool = false
    ) {
        (self.tls, self.allowedHosts, self.trustedProxies) = (tls, allowedHosts, trustedProxies)
        (self.rateLimit, self.opensMetrics) = (rateLimit, opensMetrics)
    }

    /// - Parameter config: the values of `berth.*`.
    init(_ config: ConfigReader) throws(SettingsError) {
        self.init(
            tls: try Self.tls(config.string(forKey: "tls-certificate"), config.string(forKey: "tls-key")),
            allowedHosts: try (config.stringArray(forKey: "allowed-hosts") ?? []).map(Self.host),
            trustedProxies: TrustedProxies(
                networks: try (config.stringArray(forKey: "trusted-proxies") ?? []).map(Self.proxy)
            ),
            rateLimit: try Self.rateLimit(config.string(forKey: "rate-limit")),
            opensMetrics: try flag(config.string(forKey: "open-metrics"), "--open-metrics")
        )
    }

    private static func tls(_ certificate: String?, _ key: String?) throws(SettingsError) -> TLSFiles? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return TLSFiles(
                certificate: try absolute(certificate, "--tls-certificate"),
                key: try absolute(key, "--tls-key")
            )
        case (_?, nil): throw SettingsError("--tls-certificate needs --tls-key, the file of its private key")
        case (nil, _?): throw SettingsError("--tls-key needs --tls-certificate, the file of its certificate")
        }
    }

    private static func host(_ text: String) throws(SettingsError) -> String {
        let name = text.lowercased()
        let inner = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
        if inner.contains(":"), IPAddress(inner) != nil { return "[\(inner)]" }
        guard ListenAddress.isHostName(name) else {
            throw SettingsError("--allowed-host must be a host name or an IP address without a port, not \(text)")
        }
        return name
    }

    private static func proxy(_ text: String) throws(SettingsError) -> IPNetwork {
        guard let network = IPNetwork(text) else {
            throw SettingsError("--trusted-proxy must be an IP address or a network such as 10.0.0.0/8, not \(text)")
        }
        return network
    }

    private static func rateLimit(_ text: String?) throws(SettingsError) -> Int? {
        guard let text else { return standardRateLimit }
        guard let limit = Int(text), (0...1_000_000).contains(limit) else {
            throw SettingsError("--rate-limit must be 0 to 1000000 requests a minute, 0 for no limit, not \(text)")
        }
        return limit == 0 ? nil : limit
    }
}

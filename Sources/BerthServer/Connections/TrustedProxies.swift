import Berth
import HTTPTypes
import Hummingbird

/// The proxies whose `X-Forwarded-…` headers are believed.
struct TrustedProxies: Sendable {
    let networks: [IPNetwork]

    /// What a proxy says about the request that it passed on.
    struct Forwarded: Equatable {
        let client: IPAddress
        /// Whether the client's connection to the proxy has TLS; nil if the proxy does not say.
        let isSecure: Bool?
        /// The host and port that the client asked for; nil if the proxy does not say.
        let authority: String?
    }

    func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// Nil if the request does not come from a trusted proxy.
    func forwarded(_ request: Request, from peer: IPAddress?) -> Forwarded? {
        guard !networks.isEmpty, let peer, contains(peer) else { return nil }
        let scheme = Self.elements(request.headers[values: .forwardedProto]).last
        return Forwarded(
            client: client(Self.elements(request.headers[values: .forwardedFor]), from: peer),
            isSecure: scheme.map { $0.lowercased() == "https" },
            authority: Self.elements(request.headers[values: .forwardedHost]).last.map(String.init)
        )
    }

    /// The last address that no trusted proxy has: those before it may be the client's invention.
    private func client(_ addresses: [Substring], from peer: IPAddress) -> IPAddress {
        var client = peer
        for text in addresses.reversed() {
            guard let address = IPAddress(text) else { break }
            client = address
            if !contains(address) { break }
        }
        return client
    }

    private static func elements(_ values: [String]) -> [Substring] {
        values.flatMap { $0.split(separator: ",") }.map { element in
            let start = element.drop { $0 == " " || $0 == "\t" }
            return start.prefix { $0 != " " && $0 != "\t" }
        }
    }
}

extension HTTPField.Name {
    fileprivate static let forwardedFor = named("X-Forwarded-For")
    fileprivate static let forwardedProto = named("X-Forwarded-Proto")
    fileprivate static let forwardedHost = named("X-Forwarded-Host")
}

import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import NIOCore

/// Rejects requests for host names that are not the server's, and changes that come from pages of other sites.
///
/// A page in a browser can send requests here: under its own name that it has pointed at this server, or across sites.
/// So the host name must be one of the server's own, and a request that changes state must not come from another site.
struct HostCheck: RouterMiddleware {
    typealias Context = APIContext

    /// In lower case; nil on a Unix socket, which no page reaches.
    private let names: [[UInt8]]?
    private let isReachedByNetwork: Bool
    private let hasTLS: Bool
    private let proxies: TrustedProxies

    init(_ listen: ListenAddress, _ network: NetworkSettings) {
        names = listen.isUnixSocket ? nil : (listen.hostNames + network.allowedHosts).map { Array($0.utf8) }
        isReachedByNetwork = !listen.isLocal
        hasTLS = network.tls != nil
        proxies = network.trustedProxies
    }

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        // The first Host field was removed from the fields and became the authority: any that are left are additional
        // ones, one of which a proxy in front may have used. RFC 9112, section 3.2.
        guard !request.headers.contains(where: { $0.name.canonicalName == "host" }) else {
            throw Problem(.malformedRequest, "The request has more than one Host header.")
        }
        var context = context
        var authority = request.head.authority ?? ""
        guard isOwn(authority, context.channel) else { throw Problem.foreignHost }
        context.isSecure = hasTLS
        if let forwarded = proxies.forwarded(request, from: context.client) {
            context.client = forwarded.client
            context.isSecure = forwarded.isSecure ?? hasTLS
            if let asked = forwarded.authority {
                guard isOwn(asked, context.channel) else { throw Problem.foreignHost }
                authority = asked
            }
        }
        if !request.onlyReads, let origin = request.headers[.origin],
            origin != "\(context.isSecure ? "https" : "http")://\(authority)"
        {
            throw Problem(
                .crossOrigin,
                "Requests from web pages of other sites must not change anything. If a proxy is in front of the "
                    + "server, start the server with --trusted-proxy."
            )
        }
        return try await next(request, context)
    }

    /// Allocates no string for a known name, since it runs for every request.
    private func isOwn(_ authority: String, _ channel: any Channel) -> Bool {
        guard let names else { return true }
        var host = authority.utf8[...]
        if host.last != UInt8(ascii: "]"), let colon = host.lastIndex(of: UInt8(ascii: ":")) {
            let port = host[colon...].dropFirst()
            guard port.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return false }
            host = host[..<colon]
        }
        if names.contains(where: { $0.count == host.count && zip($0, host).allSatisfy { $0 == Self.lowercase($1) } }) {
            return true
        }
        return isReachedByNetwork && isAddress(String(Substring(host)), of: channel)
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether this is the address of the server's end of the connection, or names it as loopback.
    private func isAddress(_ host: String, of channel: any Channel) -> Bool {
        guard let own = channel.localAddress.flatMap({ IPAddress($0) }) else { return false }
        if host.lowercased() == "localhost" { return own.isLoopback }
        if host.hasPrefix("["), host.hasSuffix("]") { return IPAddress(host.dropFirst().dropLast()) == own }
        return !host.contains(":") && IPAddress(host) == own
    }
}

extension Problem {
    fileprivate static let foreignHost = Problem(
        .misdirectedRequest,
        "The Host header does not name this server. If it is one of its names, start the server with --allowed-host "
            + "NAME."
    )
}

import BerthAPI
import HTTPTypes
import Hummingbird

/// Rejects requests from web pages, since the server does not authenticate its clients.
///
/// A page in a browser on this machine can send requests here: under its own name that it has pointed at loopback, or
/// across sites. So the host name must be a loopback name, and a request that changes state must not come from another
/// site.
struct LocalOnly: RouterMiddleware {
    typealias Context = APIContext

    let isOnSocket: Bool

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
        let authority = request.head.authority ?? ""
        guard isOnSocket || Self.isLoopback(authority) else {
            throw Problem(
                .misdirectedRequest,
                "The Host header must be localhost, 127.0.0.1 or [::1]: this server accepts requests from its own "
                    + "machine only."
            )
        }
        if let origin = request.headers[.origin], request.method != .get, request.method != .head,
            origin != "http://\(authority)"
        {
            throw Problem(.crossOrigin, "Requests from web pages of other sites must not change anything.")
        }
        return try await next(request, context)
    }

    /// Allocates no string, since it runs for every request.
    private static func isLoopback(_ authority: String) -> Bool {
        var host = authority.utf8[...]
        if host.last != UInt8(ascii: "]"), let colon = host.lastIndex(of: UInt8(ascii: ":")) { host = host[..<colon] }
        return names.contains { $0.count == host.count && zip($0, host).allSatisfy { $0 == $1 || $0 == $1 | 0x20 } }
    }

    private static let names = ["localhost", "127.0.0.1", "[::1]"].map { Array($0.utf8) }
}

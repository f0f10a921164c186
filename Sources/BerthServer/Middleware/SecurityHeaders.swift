import HTTPTypes
import Hummingbird

/// The headers that tell browsers and caches what they must not do with a response.
struct SecurityHeaders: Sendable {
    let hasTLS: Bool

    /// Of every response: it is no page, unless its route says so by its own policy.
    static let common: KeyValuePairs = [
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    ]

    private static let fields = common.map { HTTPField(name: .named($0), value: $1) }
    private static let transportSecurity = HTTPField(name: .strictTransportSecurity, value: "max-age=31536000")

    func add(to response: inout Response, for request: Request) {
        let hasPolicy = response.headers.contains(.contentSecurityPolicy)
        for field in Self.fields where !hasPolicy || field.name != .contentSecurityPolicy {
            response.headers.append(field)
        }
        if hasTLS { response.headers.append(Self.transportSecurity) }
        // A cache must not give a response to another client.
        if request.hasCredential, response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = response.headers[.eTag] == nil ? "no-store" : "private, no-cache"
        }
    }
}

extension Request {
    fileprivate var hasCredential: Bool { headers.contains(.authorization) || headers.contains(.cookie) }
}

import Berth
import HTTPTypes
import Hummingbird

/// The cookie of a browser's session.
enum BrowserCookie {
    static let name = "berth_session"

    static func set(_ session: TokenText, isSecure: Bool) -> String {
        let seconds = BrowserSession.lifetime.components.seconds
        return "\(name)=\(session.text); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    static let deletion = "\(name)=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"

    static func session(in cookies: String) -> TokenText? {
        for cookie in cookies.split(separator: ";") {
            let cookie = cookie.drop { $0 == " " }
            if cookie.hasPrefix(name + "=") { return TokenText(String(cookie.dropFirst(name.count + 1))) }
        }
        return nil
    }
}

extension Request {
    var browserSession: TokenText? { headers[.cookie].flatMap(BrowserCookie.session) }

    /// Whether a request with a cookie comes from a page of this server, or changes nothing.
    ///
    /// Browsers send `Origin` with every change; one that differs was rejected before.
    var isFromOwnPage: Bool {
        onlyReads || headers[.origin] != nil
            || headers[.named("Sec-Fetch-Site")] == "same-origin"
    }
}

import Berth
import HTTPTypes
import Hummingbird
import JSON

// An app's release is its entity tag.

extension Request {
    /// The release at which the app must be for its change, by `If-Match`; nil where any will do.
    ///
    /// Of several that are allowed it is the one at which the app is now.
    func expectedRelease(of name: AppName, in apps: Apps) async throws -> Int? {
        guard let field = headers[.ifMatch],
            case .tags(let tags) = try EntityTags(field, of: .ifMatch)
        else { return nil }
        // A weak tag never matches, nor does one that is no release; 0 stands for what no app is at.
        let allowed = tags.filter { !$0.isWeak }.compactMap(\.release)
        guard allowed.count > 1 else { return allowed.first ?? 0 }
        let present = try await apps.get(name).release
        return allowed.contains(present) ? present : 0
    }

    /// Whether the client has the app in this release already, by `If-None-Match`.
    fileprivate func hasRelease(_ release: Int) throws(Problem) -> Bool {
        guard let field = headers[.ifNoneMatch] else { return false }
        switch try EntityTags(field, of: .ifNoneMatch) {
        case .any: return true
        case .tags(let tags): return tags.contains { $0.release == release }
        }
    }
}

extension Response {
    /// One app in one of its shapes, tagged with its release.
    init(_ status: HTTPResponse.Status, _ json: JSONValue, release: Int) {
        self.init(status, json)
        headers[.eTag] = "\"\(release)\""
    }

    /// One app in one of its shapes, or 304 where `request` says that the client has it already.
    init(to request: Request, _ json: JSONValue, release: Int) throws(Problem) {
        self.init(.ok, json, release: release)
        guard try request.hasRelease(release) else { return }
        status = .notModified
        body = ResponseBody()
        headers[.contentType] = nil
        headers[.contentLength] = nil
    }
}

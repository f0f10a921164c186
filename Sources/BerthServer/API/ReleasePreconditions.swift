import Berth
import HTTPTypes
import Hummingbird
import JSON

// An app's release is its entity tag.

extension Request {
    /// The release that the app must have for its change, by `If-Match`; nil if any release will do.
    ///
    /// If several are allowed, it is the app's current release.
    func expectedRelease(of name: AppName, in apps: Apps) async throws -> Int? {
        guard let field = headers[.ifMatch],
            case .tags(let tags) = try EntityTags(field, of: .ifMatch)
        else { return nil }
        // A weak tag never matches, nor does a tag that is no release; 0 stands for a release that no app has.
        let allowed = tags.filter { !$0.isWeak }.compactMap(\.release)
        guard allowed.count > 1 else { return allowed.first ?? 0 }
        let present = try await apps.get(name).release
        return allowed.contains(present) ? present : 0
    }
}

extension Response {
    /// One app in one of its forms, tagged with its release.
    init(_ status: HTTPResponse.Status, _ json: JSONValue, release: Int) {
        self.init(status, json)
        headers[.eTag] = "\"\(release)\""
    }

    /// One app in one of its forms, or 304 if the client already has it.
    init(to request: Request, _ json: JSONValue, release: Int) throws(Problem) {
        self.init(.ok, json, release: release)
        guard try request.has(tag: "\(release)") else { return }
        status = .notModified
        body = ResponseBody()
        headers[.contentType] = nil
        headers[.contentLength] = nil
    }
}

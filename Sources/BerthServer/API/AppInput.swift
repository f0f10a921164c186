import Berth
import JSON

/// An app as a client of `/v1/apps` defines it, checked.
struct AppInput: Sendable {
    let name: AppName
    let settings: AppSettings

    /// What is answered beside what may be set, so that an answer can be edited and sent back; it is passed over.
    private static let answeredOnly = ["release", "created_at", "updated_at"]

    /// Reads a whole definition.
    ///
    /// - Parameters:
    ///   - name: what the path says, which the body may repeat; nil where the body must say it.
    ///   - hosts: those that there are.
    init(_ json: JSONValue, named name: AppName? = nil, hosts: [HostName]) throws(FieldErrors) {
        var body = ObjectReader(json)
        let name = body.appName(inPath: name)
        let settings = AppSettings(&body)
        if let host = settings?.host { body.check(host, isAmong: hosts) }
        for field in Self.answeredOnly { body.pass(over: field) }
        (self.name, self.settings) = try body.finish(name, settings)
    }

    /// The present definition with a merge patch (RFC 7396) applied.
    ///
    /// Variables and labels are patched as objects, by name; a list of them replaces them all.
    init(
        patching app: AppName,
        _ settings: AppSettings,
        with patch: JSONValue,
        hosts: [HostName]
    ) throws(FieldErrors) {
        guard case .object = patch else { throw FieldErrors("must be an object, not \(patch.kind)", at: .root) }
        try self.init(JSONValue.object(settings.definition).merged(with: patch), named: app, hosts: hosts)
    }
}

extension ObjectReader {
    /// The name of an app.
    ///
    /// - Parameter path: what the path says, which the body may repeat; nil where the body must say it.
    mutating func appName(inPath path: AppName?) -> AppName? {
        guard let path else { return required("name", .appName) }
        if let given = optional("name", .appName), given != path {
            reject("name", "must be \(path), as in the path; an app cannot be renamed")
        }
        return path
    }

    /// Rejects a host that there is not.
    mutating func check(_ host: HostName, isAmong hosts: [HostName]) {
        guard !hosts.contains(host) else { return }
        reject("host", choiceComplaint(about: host.description, words: hosts.map(\.description)))
    }
}

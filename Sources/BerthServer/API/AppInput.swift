import Berth
import JSON

/// An app as defined by a client of `/v1/apps`, validated.
struct AppInput: Sendable {
    let name: AppName
    let settings: AppSettings

    /// Fields that responses have but requests cannot set; they are ignored, so a response can be edited and sent back.
    private static let answeredOnly = ["release", "created_at", "updated_at"]

    /// Reads a complete definition.
    ///
    /// - Parameters:
    ///   - name: the name in the path, which the body may repeat; nil if the body must contain it.
    ///   - hosts: the existing hosts.
    init(_ json: JSONValue, named name: AppName? = nil, hosts: [HostName]) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body, named: name, hosts: hosts)
    }

    private init(_ body: inout ObjectReader, named name: AppName?, hosts: [HostName]) throws(FieldErrors) {
        let name = body.appName(inPath: name)
        let settings = AppSettings(&body)
        if let host = settings?.host { body.check(host, isAmong: hosts) }
        for field in Self.answeredOnly { body.pass(over: field) }
        (self.name, self.settings) = try body.finish(name, settings)
    }

    /// The JSON Schema of a complete definition.
    ///
    /// - Parameter isNamedInPath: whether the path contains the name, so that the body may omit it.
    static func schema(title: String, isNamedInPath: Bool = false) -> JSONValue {
        ObjectReader.schema(title: title) { body in
            _ = try? AppInput(&body, named: isNamedInPath ? AppName("web") : nil, hosts: [])
        }
    }

    /// Applies a merge patch (RFC 7396) to the present definition.
    ///
    /// Variables and labels are patched as objects, by name; a list replaces them all.
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
    /// - Parameter path: the name in the path, which the body may repeat; nil if the body must contain it.
    mutating func appName(inPath path: AppName?) -> AppName? {
        guard let path else { return required("name", .appName) }
        if let given = optional("name", .appName), given != path {
            reject("name", "must be \(path), as in the path; an app cannot be renamed")
        }
        return path
    }

    /// The field `host`; rejects a host that does not exist.
    mutating func host(among hosts: [HostName]) -> HostName? {
        let host = optional("host", .hostName)
        if let host { check(host, isAmong: hosts) }
        return host
    }

    /// Rejects a host that does not exist.
    mutating func check(_ host: HostName, isAmong hosts: [HostName]) {
        guard !hosts.contains(host) else { return }
        reject("host", choiceComplaint(about: host.description, words: hosts.map(\.description)))
    }
}

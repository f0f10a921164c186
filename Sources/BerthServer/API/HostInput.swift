import Berth
import DockerEngine
import JSON

/// A host as defined by a client, validated.
struct HostInput: Sendable {
    let name: HostName
    let endpoint: EngineAddress

    /// - Parameter hosts: decide which endpoints a client may give.
    init(_ json: JSONValue, for hosts: Hosts) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body, for: hosts)
    }

    private init(_ body: inout ObjectReader, for hosts: Hosts?) throws(FieldErrors) {
        let name = body.required("name", .hostName)
        let endpoint = body.endpoint(for: hosts)
        (self.name, self.endpoint) = try body.finish(name, endpoint)
    }

    static let schema = ObjectReader.schema(title: "HostDefinition") { body in _ = try? HostInput(&body, for: nil) }

    /// The JSON Schema of what a merge patch changes.
    static let endpointSchema = ObjectReader.schema { body in _ = body.endpoint(for: nil) }

    /// Applies a merge patch (RFC 7396) to the present endpoint.
    static func endpoint(
        patching present: EngineAddress,
        with patch: JSONValue,
        for hosts: Hosts
    ) throws(FieldErrors) -> EngineAddress {
        guard case .object = patch else { throw FieldErrors("must be an object, not \(patch.kind)", at: .root) }
        let definition: JSONValue = ["endpoint": .string(present.description)]
        var body = ObjectReader(definition.merged(with: patch))
        let endpoint = body.endpoint(for: hosts)
        return try body.finish(endpoint)
    }
}

extension ObjectReader {
    /// - Parameter hosts: nil to describe the field alone.
    fileprivate mutating func endpoint(for hosts: Hosts?) -> EngineAddress? {
        guard let endpoint = required("endpoint", .endpoint) else { return nil }
        if let objection = hosts?.objection(to: endpoint) { reject("endpoint", objection) }
        return endpoint
    }
}

import BerthAPI

/// The objects of the measurement: the server, its host, and the connection to the host's engine if this machine has
/// one.
struct BenchSite: Sendable {
    let version: String
    let host: HostJSON
    private(set) var engine: RawEngine?
    /// Why the engine is not measured; nil if it is.
    private(set) var refusal: String?

    /// - Throws: `BenchError` unless the server has the host and is connected to it.
    init(_ order: BenchOptions, client: APIClient) async throws {
        version = try await client.call(.version).value.version
        host = try await Self.host(named: order.host, of: client)
        do {
            let engine = try RawEngine(endpoint: host.endpoint, ssh: order.ssh)
            refusal = try await engine.refusal()
            if refusal == nil { self.engine = engine }
        } catch let error as BenchError {
            refusal = error.description
        }
    }

    /// - Parameter name: nil for the default host.
    private static func host(named name: String?, of client: APIClient) async throws -> HostJSON {
        let hosts = try await client.call(.hosts, query: ["limit": "1000"]).value.items
        guard let host = hosts.first(where: { host in name.map { host.name == $0 } ?? host.isDefault }) else {
            let names = hosts.map(\.name).joined(separator: ", ")
            throw BenchError("the server has no \(name.map { "host \($0)" } ?? "default host"); its hosts are \(names)")
        }
        guard host.state == "connected" else {
            let reason = host.reason.map { " (\($0))" } ?? ""
            throw BenchError("the host \(host.name) is \(host.state)\(reason)\(host.error.map { ": \($0)" } ?? "")")
        }
        return host
    }

    /// The same site without a connection to its engine.
    func withoutEngine(_ refusal: String) -> BenchSite {
        var site = self
        (site.engine, site.refusal) = (nil, refusal)
        return site
    }
}

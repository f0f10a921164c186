import BerthAPI

/// The objects of the measurement: the server, its host, and the connection to the host's engine if this machine has
/// one.
struct BenchSite: Sendable {
    let version: String
    let host: BenchHost
    let engine: RawEngine?
    /// Why the engine is not measured; nil if it is.
    let refusal: String?

    init(_ order: BenchOptions, client: APIClient) async throws {
        version = try await client.call(.version).value.version
        host = try await BenchHost(named: order.host, of: client)
        do {
            let engine = try RawEngine(endpoint: host.endpoint, ssh: order.ssh)
            refusal = try await engine.refusal()
            self.engine = refusal == nil ? engine : nil
        } catch let error as BenchError {
            engine = nil
            refusal = error.description
        }
    }

    private init(version: String, host: BenchHost, refusal: String) {
        self.version = version
        self.host = host
        self.refusal = refusal
        engine = nil
    }

    /// The same site without a connection to its engine.
    func withoutEngine(_ refusal: String) -> BenchSite {
        BenchSite(version: version, host: host, refusal: refusal)
    }
}

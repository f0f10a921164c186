import BerthAPI

/// What is measured: the server, its host, and the way to the host's engine if there is one from here.
struct BenchSite: Sendable {
    let version: String
    let host: BenchHost
    let engine: RawEngine?
    /// Why the engine is not measured; nil where it is.
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

    /// The same, known to have no way to its engine.
    func withoutEngine(_ refusal: String) -> BenchSite {
        BenchSite(version: version, host: host, refusal: refusal)
    }
}

import BerthAPI
import JSON

/// The host that is measured, as the server tells of it.
struct BenchHost: Sendable {
    let name: String
    let endpoint: String
    let engineVersion: String

    /// - Parameter name: the default host's where nil.
    /// - Throws: `BenchError` unless the server has it and is connected to it.
    init(named name: String?, of client: APIClient) async throws {
        let hosts = try await client.get("/v1/hosts?limit=1000").json().list(at: "items")
        let wanted = hosts.first { host in
            name.map { host.text(at: "name") == $0 } ?? (host.member("default") == true)
        }
        guard let wanted, let found = wanted.text(at: "name"), let endpoint = wanted.text(at: "endpoint") else {
            let names = hosts.compactMap { $0.text(at: "name") }.joined(separator: ", ")
            throw BenchError("the server has no host \(name ?? "by default"); its hosts are \(names)")
        }
        guard wanted.text(at: "state") == "connected" else { throw Self.notConnected(found, wanted) }
        self.name = found
        self.endpoint = endpoint
        engineVersion = wanted.text(at: "engine_version") ?? "?"
    }

    private static func notConnected(_ name: String, _ host: JSONValue) -> BenchError {
        let state = host.text(at: "state") ?? "in no state"
        let reason = host.text(at: "reason").map { " (\($0))" } ?? ""
        let error = host.text(at: "error").map { ": \($0)" } ?? ""
        return BenchError("the host \(name) is \(state)\(reason)\(error)")
    }
}

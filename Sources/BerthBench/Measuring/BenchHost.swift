import BerthAPI

/// The measured host, as the server reports it.
struct BenchHost: Sendable {
    let name: String
    let endpoint: String
    let engineVersion: String

    /// - Parameter name: nil for the default host.
    /// - Throws: `BenchError` unless the server has it and is connected to it.
    init(named name: String?, of client: APIClient) async throws {
        let hosts = try await client.call(.hosts, query: ["limit": "1000"]).value.items
        guard let host = hosts.first(where: { host in name.map { host.name == $0 } ?? host.isDefault }) else {
            let names = hosts.map(\.name).joined(separator: ", ")
            throw BenchError("the server has no \(name.map { "host \($0)" } ?? "default host"); its hosts are \(names)")
        }
        guard host.state == "connected" else {
            let reason = host.reason.map { " (\($0))" } ?? ""
            throw BenchError("the host \(host.name) is \(host.state)\(reason)\(host.error.map { ": \($0)" } ?? "")")
        }
        self.name = host.name
        endpoint = host.endpoint
        engineVersion = host.engineVersion ?? "?"
    }
}

import FoundationEssentials
import Glibc
import JSON
import Subprocess
import SystemPackage
import Testing

/// A real Prometheus that scrapes one server, with the configuration and the rules of `deploy/prometheus`.
struct Prometheus: Sendable {
    let http: HTTP

    /// Runs one during `body`, which scrapes once a second.
    static func with<Result: Sendable>(
        lookingAt server: HTTP,
        _ body: @escaping @Sendable (Prometheus) async throws -> Result
    ) async throws -> Result {
        try await withDirectory { directory in
            let port = try freePort()
            try configuration(for: server).write(
                toFile: directory + "/prometheus.yml",
                atomically: true,
                encoding: .utf8
            )
            let arguments = [
                "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ]
            let execution = try await Subprocess.run(
                .name("prometheus"),
                arguments: Arguments(arguments),
                input: .none,
                output: .discarded,
                error: .discarded
            ) { process in
                defer { kill(process.processIdentifier.value, SIGTERM) }
                return try await HTTP.with(url: "http://127.0.0.1:\(port)") { http in
                    try await eventually("Prometheus is ready") { (try? await http.get("/-/ready").status) == 200 }
                    return try await body(Prometheus(http: http))
                }
            }
            return execution.closureResult
        }
    }

    /// The configuration of `deploy/prometheus`, with another address and shorter intervals.
    private static func configuration(for server: HTTP) throws -> String {
        let directory = Lab.packageDirectory + "/deploy/prometheus"
        let text = try String(contentsOfFile: directory + "/prometheus.yml", encoding: .utf8)
        let address = String(server.url.dropFirst("http://".count))
        let changed = text.replacing("127.0.0.1:8080]", with: address + "]")
            .replacing("- rules/", with: "- \(directory)/rules/").replacing("interval: 15s", with: "interval: 1s")
        try #require(changed.contains(address) && changed.contains(directory) && changed.contains(": 1s"))
        return changed
    }

    /// A port that is free at this moment.
    private static func freePort() throws -> Int {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(handle, pointer, size) == 0 && getsockname(handle, pointer, &size) == 0
            }
        }
        guard isBound else { throw LabError("there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// The current result of a query: the value of each series.
    func query(_ expression: String) async throws -> [Double] {
        let escaped = expression.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let answer = try await http.get("/api/v1/query?query=\(escaped)")
        guard answer.status == 200 else { throw LabError("\(expression): \(answer.text)") }
        return answer["data"]["result"].elements.compactMap { series in
            series["value"].elements.last.flatMap { Double($0.string) }
        }
    }
}

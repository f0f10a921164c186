import DockerEngine
import FoundationEssentials
import JSON
import TestSupport

/// The engine's own report on one server's containers, to compare with the server's runs.
struct EngineTruth: Sendable {
    let socket: String
    /// The label that the server puts on its containers.
    let instance: String

    /// - Parameter run: one of the server's, whose container is on the engine.
    static func ofServer(thatRan run: String, on socket: String) async throws -> EngineTruth {
        let label = try await runDocker(
            socket: socket,
            ["inspect", "--format", #"{{index .Config.Labels "berth.instance"}}"#, run]
        )
        guard !label.isEmpty else { throw LabError("\(run) has no label of a server") }
        return EngineTruth(socket: socket, instance: label)
    }

    /// All of the server's containers, by list and inspect.
    func containers() async throws -> [ContainerDetails] {
        try await withEngine(at: socket) { engine in
            var found: [ContainerDetails] = []
            for summary in try await engine.containers(labels: ["berth.instance=\(instance)"]) {
                found.append(try await engine.container(summary.id))
            }
            return found
        }
    }

    /// Every difference between runs, as `GET /v1/runs` shows them, and the current containers; empty if none.
    ///
    /// - Parameter renamed: by the run's name, the new name of a container that was renamed by hand.
    func differences(from runs: [JSONValue], renamed: [String: String] = [:]) async throws -> [String] {
        let containers = try await containers()
        let byID = Dictionary(uniqueKeysWithValues: containers.map { ($0.id.description, $0) })
        let shown = Set(runs.map { $0["container_id"].string })
        let names = Set(runs.map { $0["name"].string })
        return runs.flatMap { run in
            let name = run["name"].string
            return differences(of: run, from: byID[run["container_id"].string], named: renamed[name] ?? name)
        } + containers.filter { !shown.contains($0.id.description) }.map { "no run has the container \($0.name)" }
            + (names.count == runs.count ? [] : ["two runs have one name"])
    }

    private func differences(of run: JSONValue, from found: ContainerDetails?, named name: String) -> [String] {
        let shown = "\(run["name"].string) is \(run["state"].string)"
        guard !["failed", "lost", "removed"].contains(run["state"].string) else {
            return found == nil ? [] : ["\(shown), and its container is there"]
        }
        guard let found else { return ["\(shown), and its container is not there"] }
        var differences: [String] = []
        if run["state"].string != found.state.status {
            differences.append("\(shown), its container is \(found.state.status)")
        }
        let code = found.state.status == "exited" ? found.state.exitCode : nil
        if run["exit_code"].int != code {
            differences.append("\(shown) with \(text(run["exit_code"].int)), its container with \(text(code))")
        }
        if found.name != "/" + name { differences.append("\(shown), its container is named \(found.name)") }
        if run["stale"] != false { differences.append("\(shown), and stale") }
        return differences
    }

    private func text(_ code: Int?) -> String { code.map { "exit code \($0)" } ?? "no exit code" }
}

extension EngineTruth {
    /// Waits until the server shows the true state.
    ///
    /// - Throws: `LabError` with all remaining differences.
    /// - Returns: how long that took.
    @discardableResult
    func isShown(
        by http: HTTP,
        host: String = "lab",
        within limit: Duration = .promised(.seconds(5)),
        renamed: [String: String] = [:]
    ) async throws -> Duration {
        var found: [String] = []
        do {
            return try await eventually(within: limit, "the server shows what is true") {
                found = try await differences(from: http.allRuns(on: host), renamed: renamed)
                return found.isEmpty
            }
        } catch is LabError where !found.isEmpty {
            throw LabError("after \(limit): " + found.joined(separator: "\n"))
        }
    }
}

extension HTTP {
    /// Every run of a host, page by page.
    func allRuns(on host: String) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor = ""
        repeat {
            let answer = try await get("/v1/runs?host=\(host)&limit=7" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"))
            guard answer.status == 200 else { throw LabError("no list: \(answer.status) \(answer.text)") }
            items += answer["items"].elements
            cursor = answer["next_cursor"].string
        } while !cursor.isEmpty
        return items
    }

    /// Starts that many runs of an app and returns their names.
    func run(_ app: String, count: Int, host: String = "lab") async throws -> [String] {
        let answer = try await post("/v1/apps/\(app)/runs", ["count": JSONValue(count), "host": .string(host)])
        let names = answer["items"].elements.map { $0["name"].string }
        guard answer.status == 201, answer["errors"] == .null, names.count == count else {
            throw LabError("no runs: \(answer.status) \(answer.text)")
        }
        return names
    }
}

/// Calls `body` with a client of the engine at `socket`, without any server in between.
func withEngine<Result: Sendable>(
    at socket: String,
    _ body: @escaping @Sendable (Engine) async throws -> Result
) async throws -> Result {
    try await EngineTransport.withUnixSocket(socket) { try await body(Engine.negotiated(over: $0)) }
}

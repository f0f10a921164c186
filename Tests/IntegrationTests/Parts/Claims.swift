import DockerEngine
import JSON
import Synchronization

/// The answers of a server, which must remain true whatever was killed since.
final class Claims: Sendable {
    struct State: Sendable {
        /// Runs that were answered as started, without any later request for them.
        var started: Set<String> = []
        /// Runs whose removal was answered.
        var removed: Set<String> = []
        /// By their keys, the names that keyed requests for one run were answered with; nil if unanswered.
        var keyed: [String: String?] = [:]
        /// By its number, the variable that a release was answered with.
        var releases: [Int: String] = [:]
    }

    let app = freshName("app")
    let keyedApp = freshName("key")
    private let state = Mutex(State())

    var all: State { state.withLock { $0 } }

    func change(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

    /// One of the runs that were answered as started; it may be removed or not from now on.
    func takeStarted() -> String? {
        state.withLock { state in state.started.randomElement().flatMap { state.started.remove($0) } }
    }

    /// The keys of requests that were not answered.
    var openKeys: [String] { all.keyed.filter { $0.value == nil }.map(\.key) }
}

extension Claims {
    /// All claims that the server or the engine violates; empty if none.
    ///
    /// No request is running meanwhile, and all keys were answered.
    func violations(_ http: HTTP, _ lab: Lab) async throws -> [String] {
        let claims = all
        let runs = try await http.runs(of: app) + http.runs(of: keyedApp)
        let containers = try await lab.containers(ofApp: app) + lab.containers(ofApp: keyedApp)
        return claims.violations(by: runs) + disagreements(runs, containers)
            + doubles(runs, claims) + (try await wrongReleases(http, claims))
    }

    /// Each container belongs to one run, and each run has its container's state.
    private func disagreements(_ runs: [JSONValue], _ containers: [ContainerSummary]) -> [String] {
        var found: [String] = []
        let labels = containers.map { $0.labels?["berth.run"] ?? "" }
        if Set(labels).count != labels.count { found.append("two containers are of one run") }
        let byID = Dictionary(containers.map { ($0.id.description, $0) }) { first, _ in first }
        for run in runs {
            let (name, state) = (run["name"].string, run["state"].string)
            switch (state, byID[run["container_id"].string]) {
            case ("running", let container?) where container.state == "running":
                if container.names != ["/" + name] { found.append("\(name) has another container's name") }
            case ("exited", let container?) where container.state == "exited": break
            case ("failed", nil), ("removed", nil), ("lost", nil): break
            case (_, let container):
                found.append("\(name) is \(state), its container \(container?.state ?? "not there")")
            }
        }
        let known = Set(runs.map { $0["container_id"].string })
        found += containers.filter { !known.contains($0.id.description) }.map { "no run has the container \($0.id)" }
        return found
    }

    /// Each key has created one run, not two.
    private func doubles(_ runs: [JSONValue], _ claims: State) -> [String] {
        let keyed = runs.filter { $0["app"].string == keyedApp && $0["state"] != "failed" }
        guard keyed.count != claims.keyed.count else { return [] }
        return ["\(claims.keyed.count) keys have brought about \(keyed.count) runs"]
    }

    private func wrongReleases(_ http: HTTP, _ claims: State) async throws -> [String] {
        var found: [String] = []
        for (number, value) in claims.releases {
            let release = try await http.get("/v1/apps/\(app)/releases/\(number)")
            if release["variables"] != ["N": .string(value)] {
                found.append("release \(number) is not what was answered")
            }
        }
        return found
    }
}

extension Claims.State {
    fileprivate func violations(by runs: [JSONValue]) -> [String] {
        let states = Dictionary(runs.map { ($0["name"].string, $0["state"].string) }) { first, _ in first }
        var found: [String] = []
        for name in started.union(keyed.values.compactMap(\.self)) where states[name] != "running" {
            found.append("\(name) was answered as started and is \(states[name] ?? "not there")")
        }
        for name in removed where states[name] != "removed" {
            found.append("\(name) was answered as removed and is \(states[name] ?? "not there")")
        }
        if runs.count != states.count { found.append("two runs have one name") }
        return found
    }
}

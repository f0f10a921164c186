import BerthAPI
import JSON
import Synchronization
import TestSupport

/// What the requests of an attack may name, and the bodies that its routes accept.
struct AttackStage: Sendable {
    let port: Int
    let ownApp: String
    let ownRun: String
    /// An app of the same team, which may be deleted.
    let spareApp: String
    let otherApp: String
    let otherRun: String
    /// A file that an injected command would make.
    let canaryFile: String
    let tokens: [AttackSender: String]
    /// By the id of its endpoint, a body that it accepts.
    let bodies: [String: JSONValue]
    /// Runs that may be removed, and a session in a container; they change during an attack.
    let live = Live()

    final class Live: Sendable {
        private let state = Mutex((runs: [String](), exec: ""))

        var runs: [String] { state.withLock { $0.runs } }
        var exec: String { state.withLock { $0.exec } }

        func set(runs: [String]) { state.withLock { $0.runs = runs } }
        func set(exec: String) { state.withLock { $0.exec = exec } }
    }

    /// A path of the endpoint with names that may exist.
    ///
    /// The administrator's requests, which may change anything, name nothing of the other team.
    func path(
        of endpoint: EndpointFacts,
        from sender: AttackSender,
        using random: inout SeededGenerator
    ) -> String {
        let isOwn = sender == .admin || Int.random(in: 0..<4, using: &random) > 0
        let isDeletion = endpoint.method == .delete
        let names = endpoint.path.split(separator: "/").map { segment -> String in
            switch segment {
            case "{app}": isOwn ? (isDeletion ? spareApp : ownApp) : otherApp
            case "{run}": isOwn ? (isDeletion ? live.runs.randomElement(using: &random) ?? ownRun : ownRun) : otherRun
            case "{host}": isDeletion || endpoint.method == .patch ? "spare" : "lab"
            case "{exec}": isDeletion || live.exec.isEmpty ? "absent" : live.exec
            case "{release}": "1"
            case "{image}": String(repeating: "0a", count: 32)
            case "{server}": "registry.example.org"
            case "{name}", "{secret}": "SPARE"
            default: segment.hasPrefix("{") ? "spare" : String(segment)
            }
        }
        return "/" + names.joined(separator: "/")
    }
}

extension AttackStage {
    /// A body for each endpoint that takes one: the examples of the OpenAPI document, with names of the stage.
    ///
    /// - Parameter document: of the server under attack.
    static func bodies(_ document: JSONValue, ownApp: String, spareApp: String) -> [String: JSONValue] {
        var bodies: [String: JSONValue] = [:]
        for endpoint in EndpointFacts.all {
            let operation = document["paths"][endpoint.path][endpoint.method.rawValue.lowercased()]
            guard case .object(let content) = operation["requestBody"]["content"],
                let reference = content.members.first?.value["schema"]["$ref"].string.split(separator: "/").last
            else { continue }
            let example = document["components"]["schemas"][String(reference)]["examples"].elements.first ?? [:]
            bodies[endpoint.id] = fitted(example, ownApp: ownApp)
        }
        let settings: JSONValue = [
            "image": "busybox", "command": sleeping, "variables": ["A": "1", "B": "é"], "tmpfs": ["/t"],
            "memory_bytes": "64m", "cpus": 1, "labels": ["a": "b"], "stop_timeout": 0, "working_dir": "/",
        ]
        let short: JSONValue = ["image": "busybox", "command": "sleep 999", "variables": [["A": "1"]]]
        bodies[Endpoint.createApp.facts.id] = settings.with("name", .string(spareApp))
        bodies[Endpoint.createShortApp.facts.id] = short.with("name", .string(spareApp))
        bodies[Endpoint.replaceApp.facts.id] = settings
        bodies[Endpoint.replaceShortApp.facts.id] = short
        bodies[Endpoint.patchApp.facts.id] = ["variables": ["A": "2"]]
        bodies[Endpoint.patchShortApp.facts.id] = ["variables": ["A": "3"]]
        bodies[Endpoint.rollBack.facts.id] = ["release": 1]
        bodies[Endpoint.startRuns.facts.id] = ["count": 1, "wait": "created"]
        bodies[Endpoint.execute.facts.id] = ["command": ["id"], "timeout": 2]
        bodies[Endpoint.pullImage.facts.id] = ["image": "busybox", "host": "lab"]
        bodies[Endpoint.pruneImages.facts.id] = ["host": "lab", "keep_releases": 1000]
        bodies[Endpoint.addHost.facts.id] = ["name": "spare", "endpoint": "unix:///nonexistent/spare.sock"]
        bodies[Endpoint.patchHost.facts.id] = ["endpoint": "unix:///nonexistent/other.sock"]
        bodies[Endpoint.trustHost.facts.id] = ["fingerprint": "SHA256:0123456789"]
        bodies[Endpoint.createToken.facts.id] = [
            "name": "spare", "role": "viewer", "apps": [.string(spareApp)], "expires_in": 60,
        ]
        bodies[Endpoint.beginSession.facts.id] = ["token": "berth_unknown"]
        return bodies
    }

    private static func fitted(_ value: JSONValue, ownApp: String) -> JSONValue {
        guard case .object(let object) = value else { return value }
        var fitted = JSONObject()
        for member in object.members {
            switch member.name {
            case "name": fitted.set(member.name, to: .string(ownApp))
            case "image": fitted.set(member.name, to: "busybox")
            case "host": fitted.set(member.name, to: "lab")
            case "ports": break
            default: fitted.set(member.name, to: member.value)
            }
        }
        return .object(fitted)
    }
}

extension JSONValue {
    /// The object with one more member.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var object) = self else { return self }
        object.set(name, to: value)
        return .object(object)
    }
}

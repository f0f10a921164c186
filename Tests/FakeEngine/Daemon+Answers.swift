import FoundationEssentials
import NIOCore
import NIOHTTP1

// The part of the Docker Engine API, version 1.41, that Berth's client uses.
extension Daemon {
    func answer(_ request: EngineRequest) -> EngineAnswer {
        let segments = request.segments
        switch (request.method, segments.first ?? "", segments.count) {
        case (.HEAD, "_ping", 1): return .empty(.ok)
        case (.GET, "_ping", 1): return .text("OK")
        case (.GET, "version", 1): return .json(.ok, version)
        case (.GET, "info", 1): return .json(.ok, info)
        case (.GET, "events", 1):
            return .events(EventFilter(types: request.filter("type"), labels: request.filter("label")))
        case (.GET, "networks", 1): return listNetworks(request)
        case (.POST, "networks", 2) where segments[1] == "create": return createNetwork(request)
        case (.DELETE, "networks", 2):
            return networks.removeValue(forKey: segments[1]) == nil
                ? .refusal(.notFound, "network \(segments[1]) not found") : .empty(.noContent)
        case (.GET, "containers", 2) where segments[1] == "json": return list(request)
        case (.POST, "containers", 2) where segments[1] == "create": return create(request)
        case (.POST, "images", 2) where segments[1] == "create":
            return pull(request)
        case (.GET, "images", 2) where segments[1] == "json": return listImages()
        case (.DELETE, "images", 2...): return removeImage(segments.dropFirst().joined(separator: "/"))
        case (.GET, "images", 3...) where segments.last == "json":
            return .json(.ok, image(segments.dropFirst().dropLast().joined(separator: "/")))
        case (_, "exec", 3): return answer(request, aboutExec: segments[1])
        case (_, "containers", 2...3): return answer(request, aboutContainer: segments[1])
        default: return .refusal(.notFound, "page not found")
        }
    }

    private var version: String {
        #"{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}"#
    }

    private var info: String {
        let running = containers.values.count { $0.state == .running }
        return """
            {"ID":"SIMULATED-\(number)","Name":"simulated-\(number)","OperatingSystem":"Simulated Linux","NCPU":4,\
            "MemTotal":8589934592,"Containers":\(containers.count),"ContainersRunning":\(running),\
            "ServerVersion":"20.10.24",\(behavior.logDriver.map { "\"LoggingDriver\":\(quoted($0))," } ?? "")\
            "SystemTime":\(behavior.clockOffset == nil ? "null" : "\"\(engineTime(now))\"")}
            """
    }

    private func image(_ name: String) -> String {
        """
        {"Id":"\(imageID(of: name))","RepoTags":[\(quoted(name))],"Config":{"Cmd":["nginx"],"Entrypoint":null,"Env":[],\
        "User":"","WorkingDir":""}}
        """
    }

    private func list(_ request: EngineRequest) -> EngineAnswer {
        let labels = request.filter("label")
        let isAll = request.isTrue("all")
        let rows = containers.values.lazy.filter { (isAll || $0.state == .running) && $0.carries(labels) }
        return .json(.ok, "[" + rows.map(\.summary).joined(separator: ",") + "]")
    }

    private func create(_ request: EngineRequest) -> EngineAnswer {
        let body = Data(request.body.readableBytesView)
        guard let definition = try? JSONDecoder().decode(ContainerDefinition.self, from: body) else {
            return .refusal(.badRequest, "the body cannot be read")
        }
        guard behavior.hasImages || pulls > 0 else { return .refusal(.notFound, "No such image: \(definition.image)") }
        guard takesCreation() else { return .refusal(.badRequest, behavior.creationRefusal) }
        let id = randomContainerID()
        let name = request["name"] ?? "unnamed-\(id.prefix(12))"
        if let other = containers.values.first(where: { $0.name == name }) {
            return .refusal(
                .conflict,
                "Conflict. The container name \"/\(name)\" is already in use by container \"\(other.id)\". "
                    + "You have to remove (or rename) that container to be able to reuse that name."
            )
        }
        let image = imageID(of: definition.image)
        add(Container(id: id, name: name, definition: definition, image: image, created: now))
        return .json(.created, #"{"Id":"\#(id)","Warnings":[]}"#)
    }

    private func answer(_ request: EngineRequest, aboutContainer id: String) -> EngineAnswer {
        guard let container = containers[id] else { return .refusal(.notFound, "No such container: \(id)") }
        switch (request.method, request.segments.dropFirst(2).first) {
        case (.GET, "json"): return .json(.ok, container.details)
        case (.GET, "logs"):
            let selection = LogSelection(request)
            return selection.isFollowed && container.state != .exited
                ? .followedLog(container, selection) : .log(selection.frames(of: container.log))
        case (.GET, "stats"): return stats(of: container, request)
        case (.POST, "exec"): return createExec(in: container, request)
        case (.POST, "start"): return start(ifNotRunning: container)
        case (.POST, "stop"): return stop(container)
        case (.POST, "kill"): return kill(container)
        case (.POST, "restart"): return restart(container)
        case (.POST, "pause"): return pause(container)
        case (.POST, "unpause"): return unpause(container)
        case (.DELETE, nil): return remove(container, isForced: request.isTrue("force"))
        default: return .refusal(.notFound, "page not found")
        }
    }

    /// A real engine sends a sample each second; this one sends two, and then an empty one when the container ends.
    private func stats(of container: Container, _ request: EngineRequest) -> EngineAnswer {
        guard request["stream"] == "false" else {
            return .usage(of: container, [container.stats(hasEarlier: false), container.stats(hasEarlier: true)])
        }
        guard container.state == .running || container.state == .paused else { return .json(.ok, container.noStats) }
        return .json(.ok, container.stats(hasEarlier: !request.isTrue("one-shot")))
    }

    private func start(ifNotRunning container: Container) -> EngineAnswer {
        guard container.state != .running else { return .empty(.notModified) }
        start(container)
        return .empty(.noContent)
    }

    private func stop(_ container: Container) -> EngineAnswer {
        guard container.state == .running else { return .empty(.notModified) }
        publish(container, "kill", attributes: ["signal": "15"])
        end(container, exitCode: 143)
        publish(container, "stop")
        return .empty(.noContent)
    }

    private func kill(_ container: Container) -> EngineAnswer {
        guard container.state == .running else {
            let message = "Cannot kill container: \(container.id): Container \(container.id) is not running"
            return .refusal(.conflict, message)
        }
        publish(container, "kill", attributes: ["signal": "9"])
        end(container, exitCode: 137)
        return .empty(.noContent)
    }

    private func restart(_ container: Container) -> EngineAnswer {
        if container.state == .running { end(container, exitCode: 143) }
        start(container)
        publish(container, "restart")
        return .empty(.noContent)
    }

    private func pause(_ container: Container) -> EngineAnswer {
        guard container.state == .running else {
            return .refusal(.conflict, "Container \(container.id) is not running")
        }
        container.put(into: "paused")
        publish(container, "pause")
        return .empty(.noContent)
    }

    private func unpause(_ container: Container) -> EngineAnswer {
        guard container.state == .paused else {
            return .refusal(.internalServerError, "Container \(container.id) is not paused")
        }
        container.put(into: "running")
        publish(container, "unpause")
        return .empty(.noContent)
    }

    private func remove(_ container: Container, isForced: Bool) -> EngineAnswer {
        if container.state == .running {
            guard isForced else {
                return .refusal(
                    .conflict,
                    "You cannot remove a running container \(container.id). Stop the container before attempting "
                        + "removal or force remove"
                )
            }
            end(container, exitCode: 137)
        }
        remove(container)
        return .empty(.noContent)
    }
}

func randomContainerID() -> String {
    (0..<4).map { _ in
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
}

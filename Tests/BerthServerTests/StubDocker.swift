import Berth
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import BerthServer

/// As much of a Docker Engine as runs need, on a real socket, without containers.
final class StubDocker: Sendable {
    struct Container: Sendable {
        let name: String
        let labels: String
        /// As they were asked for; the engine publishes none of them.
        let portBindings: String
        var status = "created"
        var startedAt = "2026-11-23T12:00:01.5Z"
    }

    private let containers = Mutex<[String: Container]>([:])
    private let created = Mutex(0)
    /// Tells whether the engine refuses to create the container that is its `n`th, from 1.
    private let refuses: @Sendable (Int) -> Bool
    /// How long it takes to start one.
    private let pause: Duration
    /// How long a call is on its way, a ping's too.
    private let distance: Duration
    /// How far its clock is ahead; nil for one that it does not tell.
    private let clockOffset: Duration?

    init(
        pause: Duration = .zero,
        distance: Duration = .zero,
        clockOffset: Duration? = nil,
        refusing refuses: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) {
        self.pause = pause
        self.distance = distance
        self.clockOffset = clockOffset
        self.refuses = refuses
    }

    private var time: String? {
        clockOffset.map {
            Timestamp(milliseconds: Timestamp.now().milliseconds + Int64($0 / .milliseconds(1))).description
        }
    }

    var all: [Container] { containers.withLock { Array($0.values) } }

    /// Puts all containers into this state, of which no event tells.
    func put(into status: String) {
        containers.withLock { containers in
            for id in containers.keys { containers[id]?.status = status }
        }
    }

    /// How many containers it was asked for.
    var createdCount: Int { created.withLock { $0 } }

    /// Runs `body` with the routes above this engine, which is connected.
    func withClient(exportsSpans: Bool = false, _ body: (RouterClient) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/docker.sock"
            let application = Application(
                router: router(),
                configuration: .init(address: .unixDomainSocket(path: path)),
                logger: Logger(label: "stub") { _ in SwiftLogNoOpLogHandler() }
            )
            let service = ServiceGroup(
                services: [application],
                logger: Logger(label: "stub") { _ in SwiftLogNoOpLogHandler() }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                do {
                    try await withHost(at: path, exportsSpans: exportsSpans, body)
                } catch {
                    group.cancelAll()
                    throw error
                }
                // SwiftNIO stops the process if a server is cancelled while it accepts what the client opened last.
                await service.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    private func withHost(
        at path: String,
        exportsSpans: Bool,
        _ body: (RouterClient) async throws -> Void
    ) async throws {
        try await eventually("the engine listens") { FileManager.default.fileExists(atPath: path) }
        let client = try await RouterClient(engine: "unix://" + path, exportsSpans: exportsSpans)
        let host = client.platform.hosts.all[0]
        try await withTask {
            try await host.run()
        } during: {
            try await eventually("the host is connected") { host.status.state == .connected }
            try await body(client)
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: Way(distance: distance))
        router.get("/_ping") { _, _ in "OK" }
        router.get("/version") { _, _ in
            Self.json(.ok, #"{"Version":"27.0.0","ApiVersion":"1.47","MinAPIVersion":"1.24"}"#)
        }
        let versioned = router.group("/:version")
        versioned.get("/events") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { _ in
                    try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(600)) }
                }
            )
        }
        versioned.get("/info") { _, _ in
            let time = self.time.map { #""\#($0)""# } ?? "null"
            return Self.json(
                .ok,
                #"{"ID":"i","Name":"n","OperatingSystem":"o","NCPU":1,"MemTotal":1,"Containers":0,"ContainersRunning":0,"#
                    + #""SystemTime":\#(time)}"#
            )
        }
        versioned.get("/networks") { _, _ in Self.json(.ok, "[]") }
        versioned.get("/containers/json") { _, _ in Self.json(.ok, self.list()) }
        versioned.post("/containers/create") { request, _ in try await self.create(request) }
        versioned.get("/containers/:id/json") { _, context in self.inspect(context.parameters.get("id") ?? "") }
        versioned.delete("/containers/:id") { _, context in
            self.containers.withLock { _ = $0.removeValue(forKey: context.parameters.get("id") ?? "") }
            return Response(status: .noContent)
        }
        for (action, status) in [
            ("start", "running"), ("stop", "exited"), ("kill", "exited"), ("restart", "running"), ("pause", "paused"),
            ("unpause", "running"),
        ] {
            versioned.post(RouterPath("/containers/:id/\(action)")) { _, context in
                try await Task.sleep(for: self.pause)
                self.containers.withLock { containers in
                    let id = context.parameters.get("id") ?? ""
                    containers[id]?.status = status
                    if action == "start", let time = self.time { containers[id]?.startedAt = time }
                }
                return Response(status: .noContent)
            }
        }
        return router
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 1 << 20)
        let number = created.withLock { count in
            count += 1
            return count
        }
        guard !refuses(number) else { return Self.json(.badRequest, #"{"message":"no such runtime"}"#) }
        let id = String(repeating: "0", count: 64 - "\(number)".count) + "\(number)"
        let json = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
        func part(_ value: Any?) throws -> String {
            String(decoding: try JSONSerialization.data(withJSONObject: value ?? [:]), as: UTF8.self)
        }
        let (labels, host) = (try part(json?["Labels"]), json?["HostConfig"] as? [String: Any])
        let ports = try part(host?["PortBindings"])
        let name = request.uri.queryParameters.get("name") ?? ""
        containers.withLock { $0[id] = Container(name: name, labels: labels, portBindings: ports) }
        return Self.json(.created, #"{"Id":"\#(id)","Warnings":[]}"#)
    }

    private func list() -> String {
        let items = containers.withLock { $0 }.map { id, container in
            #"{"Id":"\#(id)","Names":["/\#(container.name)"],"Image":"nginx","ImageID":"sha256:1","State":"\#(container.status)","#
                + #""Status":"","Created":0,"Labels":\#(container.labels)}"#
        }
        return "[" + items.joined(separator: ",") + "]"
    }

    private func inspect(_ id: String) -> Response {
        guard let container = containers.withLock({ $0[id] }) else {
            return Self.json(.notFound, #"{"message":"No such container"}"#)
        }
        let finished = container.status == "exited" ? "2026-11-23T12:00:02.5Z" : "0001-01-01T00:00:00Z"
        return Self.json(
            .ok,
            """
            {"Id":"\(id)","Name":"/\(container.name)","Image":"sha256:1","Created":"2026-11-23T12:00:00Z",
             "State":{"Status":"\(container.status)","ExitCode":0,"OOMKilled":false,"Error":"",
                      "StartedAt":"\(container.startedAt)","FinishedAt":"\(finished)"},
             "Config":{"Image":"nginx","Cmd":null,"Env":null,"Labels":\(container.labels),"Tty":false},
             "HostConfig":{"PortBindings":\(container.portBindings)},"NetworkSettings":{"Ports":{}}}
            """
        )
    }

    private static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}

/// The way to an engine that is far away.
private struct Way: RouterMiddleware {
    typealias Context = BasicRequestContext

    let distance: Duration

    func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        try await Task.sleep(for: distance)
        return try await next(request, context)
    }
}

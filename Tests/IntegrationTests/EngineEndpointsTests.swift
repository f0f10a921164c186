import DockerEngine
import Logging
import NIOCore
import TestSupport
import Testing

/// Every endpoint of the client on the real engine, over each connection type.
@Suite(.serialized) struct EngineEndpointsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: Way.allCases)
    func `The client agrees on an API version and reads the engine's info`(way: Way) async throws {
        try await withEngine(way) { engine in
            #expect(engine.apiVersion >= .oldest)
            #expect(engine.apiVersion <= .newest)
            let info = try await engine.info()
            #expect(info.systemTime?.isEmpty == false)
            #expect(info.logDriver?.isEmpty == false)
            #expect(try await engine.ping() < .promised(.seconds(5)))
        }
    }

    @Test(arguments: Way.allCases)
    func `A container passes through its whole life cycle`(way: Way) async throws {
        let name = freshName()
        try await withEngine(way) { engine in
            let id = try await engine.createContainer(
                named: name,
                from: spec(["sh", "-c", "trap 'exit 3' TERM; echo ready; sleep 99 & wait"])
            )
            let created = try await engine.container(id)
            #expect(created.state.status == "created")
            #expect(created.name == "/" + name)
            try await engine.startContainer(id)
            try await engine.startContainer(id)
            #expect(try await engine.container(id).state.status == "running")
            let listed = try await engine.containers(labels: ["test=\(name)"]).map(\.id)
            #expect(listed.isEmpty)
            try await eventually("it listens for the signal") { try await engine.log(of: id) == "ready\n" }
            try await engine.restartContainer(id)
            #expect(try await engine.container(id).state.status == "running")
            try await eventually("it listens again") { try await engine.log(of: id) == "ready\nready\n" }
            try await engine.stopContainer(id)
            #expect(try await engine.container(id).state.exitCode == 3)
            try await engine.startContainer(id)
            try await engine.killContainer(id)
            #expect(try await engine.waitForContainer(id, deadline: .timeout).statusCode == 137)
            #expect(await engineError { try await engine.killContainer(id) }?.isConflict == true)
            try await engine.removeContainer(id)
            try await engine.removeContainer(id)
            #expect(await engineError { try await engine.container(id) }?.isNotFound == true)
        }
    }

    @Test(arguments: Way.allCases)
    func `A command gets its input to the end, and its output and exit code arrive`(way: Way) async throws {
        try await withEngine(way) { engine in
            try await withContainer(engine, ["sleep", "99"]) { id in
                var spec = ExecSpec(command: ["sh", "-c", "cat; echo end >&2; exit 9"])
                spec.takesInput = true
                let exec = try await engine.createExec(spec, in: id)
                let output = try await engine.startExec(exec, hasTTY: false) { connection in
                    try await connection.write(ByteBuffer(string: "input"))
                    connection.finishInput()
                    var output: [LogChunk.Stream: String] = [:]
                    for try await chunk in connection.output {
                        output[chunk.stream, default: ""] += String(buffer: chunk.bytes)
                    }
                    return output
                }
                #expect(output == [.stdout: "input", .stderr: "end\n"])
                try await eventually("its end is known") { try await engine.exec(exec).exitCode == 9 }
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `A running container is removed only by force`(way: Way) async throws {
        try await withEngine(way) { engine in
            try await withContainer(engine, ["sleep", "99"]) { id in
                #expect(await engineError { try await engine.removeContainer(id) }?.isConflict == true)
                let status = try await engine.container(id).state.status
                #expect(status == "running")
            }
        }
    }

    @Test func `Fifty concurrent removals of one container all find it removed`() async throws {
        try await withEngine(.ssh) { engine in
            let id = try await engine.createContainer(named: freshName(), from: spec(["sleep", "99"]))
            try await engine.startContainer(id)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await engine.removeContainer(id, force: true) } }
                try await group.waitForAll()
            }
            let error = await engineError { try await engine.container(id) }
            #expect(error?.isNotFound == true)
        }
    }

    @Test func `Calls are answered while other streams stall or flood`() async throws {
        try await withEngine(.ssh) { engine in
            try await withContainer(engine, ["sh", "-c", "while true; do seq 1 1000; done"]) { id in
                var stalled: [EngineStream<LogFrames>] = []
                for _ in 0..<50 { stalled.append(try await engine.logs(of: id, follow: true, hasTTY: false)) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            for try await chunk in try await engine.logs(of: id, follow: true, hasTTY: false) {
                                if Task.isCancelled { return withExtendedLifetime(chunk) {} }
                            }
                        }
                    }
                    var times: [Duration] = []
                    for _ in 0..<40 { times.append(try await engine.ping()) }
                    // A few milliseconds on a quiet machine; if streams blocked calls, the answer would never come.
                    #expect(times.sorted()[20] < .promised(.seconds(1)))
                    group.cancelAll()
                }
                withExtendedLifetime(stalled) {}
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `Variables, command words and labels arrive exactly`(way: Way) async throws {
        let values = ["A=$(id)", "B=`id` ; rm -rf /", "C='\"\\", "D=one\ntwo", "E=", "F=Zoë 🚢 \u{202E}", "G= x "]
        let words = ["echo", "$HOME", "a b", "'\"", "*", "", "new\nline", "--privileged"]
        try await withEngine(way) { engine in
            var spec = spec(words)
            spec.config.environment = values
            spec.config.labels?["label"] = "wörth\n\"x\""
            let id = try await engine.createContainer(named: freshName(), from: spec)
            let config = try await engine.container(id).config
            #expect(config.environment?.prefix(values.count).map { $0 } == values)
            #expect(config.command == words)
            #expect(config.labels?["label"] == "wörth\n\"x\"")
            try await engine.removeContainer(id, force: true)
        }
    }

    @Test(arguments: Way.allCases)
    func `Logs are returned as they were written, with the name of their stream`(way: Way) async throws {
        try await withEngine(way) { engine in
            try await withContainer(engine, ["sh", "-c", "echo out; echo err >&2; seq 1 20000"]) { id in
                _ = try await engine.waitForContainer(id, deadline: .timeout)
                var out = ByteBuffer()
                var err = ByteBuffer()
                for try await chunk in try await engine.logs(of: id, follow: true, hasTTY: false) {
                    switch chunk.stream {
                    case .stdout: out.writeImmutableBuffer(chunk.bytes)
                    case .stderr: err.writeImmutableBuffer(chunk.bytes)
                    }
                }
                let expected = "out\n" + (1...20000).map { "\($0)\n" }.joined()
                #expect(String(buffer: out) == expected)
                #expect(String(buffer: err) == "err\n")
                var tail = ByteBuffer()
                for try await chunk in try await engine.logs(of: id, follow: false, tail: 1, hasTTY: false) {
                    tail.writeImmutableBuffer(chunk.bytes)
                }
                #expect(String(buffer: tail).contains("20000\n"))
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `Events report each step of a container`(way: Way) async throws {
        try await withEngine(way) { engine in
            let label = freshName()
            let events = try await engine.events(types: ["container"], labels: ["test=\(label)"])
            var spec = spec(["true"])
            spec.config.labels?["test"] = label
            let id = try await engine.createContainer(named: freshName(), from: spec)
            try await engine.startContainer(id)
            var actions: [String] = []
            for try await event in events {
                #expect(event.actor.id == id.description)
                #expect(event.timeNano > 0)
                actions.append(event.action)
                if event.action == "die" { break }
            }
            #expect(actions == ["create", "start", "die"])
            // The list may lag behind the event; inspect does not.
            #expect(try await engine.container(id).state.status == "exited")
            try await eventually("the list shows it") {
                try await engine.containers(labels: ["test=\(label)"]).map(\.state) == ["exited"]
            }
            try await engine.removeContainer(id)
        }
    }

    @Test(arguments: Way.allCases)
    func `Images are inspected, and a missing image is not found`(way: Way) async throws {
        try await withEngine(way) { engine in
            let image = try await engine.image(ImageReference("busybox:latest"))
            #expect(image.id.hasPrefix("sha256:"))
            #expect(await engineError { try await engine.image(ImageReference("no/such:image")) }?.isNotFound == true)
            #expect(
                await engineError {
                    _ = try await engine.createContainer(
                        named: freshName(),
                        from: spec(["true"], image: "no/such:image")
                    )
                }?.isNotFound == true
            )
        }
    }

    @Test func `A pulled image is present, and a failure inside an answer of 200 is an error`() async throws {
        let lab = lab
        let name = "\(lab.registry)/\(freshName()):1"
        try await runDocker(lab, "tag", "busybox:latest", name)
        try await runDocker(lab, "push", name)
        try await runDocker(lab, "rmi", name)
        try await lab.withEngine { engine in
            try await engine.pull(ImageReference(name))
            #expect(try await engine.image(ImageReference(name)).tags?.contains(name) == true)
            #expect(
                await engineError { try await engine.pull(ImageReference("\(lab.registry)/no/such:1")) }?.isNotFound
                    == true
            )
        }
        try await runDocker(lab, "rmi", name)
    }

    @Test func `Streams over the limit are refused at once, and calls go on next to the others`() async throws {
        let lab = lab
        try await withEngine(.ssh) { engine in
            try await withContainer(engine, ["sh", "-c", "while sleep 1; do echo x; done"]) { id in
                var streams: [EngineStream<LogFrames>] = []
                var refusal: EngineError?
                while refusal == nil, streams.count < 2000 {
                    do {
                        streams.append(try await engine.logs(of: id, follow: true, hasTTY: false))
                    } catch let error as EngineError {
                        refusal = error
                    }
                }
                #expect(refusal == .busy)
                #expect(streams.count > 20)
                #expect(try await engine.ping() < .promised(.seconds(1)))
                #expect(try await engine.containers(labels: []).contains { $0.id == id })
                withExtendedLifetime((streams, lab)) {}
            }
        }
    }
}

extension EngineEndpointsTests {
    private func withEngine(_ way: Way, _ body: @escaping @Sendable (Engine) async throws -> Void) async throws {
        let lab = lab
        try await withDirectory { directory in
            let settings = SSHSettings(
                directory: directory,
                knownHostsFile: directory + "/known_hosts",
                configuration: .file(lab.sshConfig)
            )
            try await EngineAddress(way.endpoint(lab)).withTransport(ssh: settings, logger: Logger(label: "test")) {
                try await body(Engine.negotiated(over: $0))
            }
        }
    }

    private func spec(_ command: [String], image: String = "busybox") -> ContainerSpec {
        ContainerSpec(image: image, command: command, environment: [], labels: [:])
    }

    private func withContainer(
        _ engine: Engine,
        _ command: [String],
        _ body: (ContainerID) async throws -> Void
    ) async throws {
        let id = try await engine.createContainer(named: freshName(), from: spec(command))
        try await engine.startContainer(id)
        do { try await body(id) } catch {
            try? await engine.removeContainer(id, force: true)
            throw error
        }
        try await engine.removeContainer(id, force: true)
    }
}

/// The engine error that `body` throws; nil if it succeeds.
private func engineError(_ body: () async throws -> some Any) async -> EngineError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? EngineError
    }
}

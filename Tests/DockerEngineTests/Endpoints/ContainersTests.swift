import NIOCore
import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(5))) struct ContainersTests {
    @Test("A container is created under its name, and its id is returned")
    func create() async throws {
        let answer = StubAnswer.http(201, body: #"{"Id":"\#(Sample.id)","Warnings":["w"]}"#)
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, stub in
            let spec = ContainerSpec(image: "nginx", command: nil, environment: ["A=ü"], labels: [:])
            let id = try await engine.createContainer(named: "a b&force=true#/ü", from: spec)
            #expect(id.description == Sample.id)
            let request = try #require(stub.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/v1.41/containers/create")
            #expect(request.query == "name=a%20b%26force%3Dtrue%23%2F%C3%BC")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["content-length"] == "\(request.body.utf8.count)")
            #expect(request.body.contains(#""Env":["A=ü"]"#))
        }
    }

    @Test(
        "A created container without a full id is undecodable",
        arguments: [#"{"Id":"0123456789ab"}"#, #"{"Id":"../../images"}"#, #"{"Id":null}"#, #"{"Id":["a"]}"#, "{}", ""]
    )
    func createdWithoutID(body: String) async throws {
        try await StubEngine.withEngine { _ in
            .http(201, body: body)
        } _: { engine, _ in
            let spec = ContainerSpec(image: "nginx", command: nil, environment: [], labels: [:])
            await expectUndecodable { _ = try await engine.createContainer(named: "a", from: spec) }
        }
    }

    @Test("Start, stop, restart, kill and remove go to the container's own path")
    func lifecycle() async throws {
        try await StubEngine.withEngine { _ in
            .raw("HTTP/1.1 204 No Content\r\n\r\n")
        } _: { engine, stub in
            let id = try Sample.containerID
            try await engine.startContainer(id)
            try await engine.stopContainer(id)
            try await engine.restartContainer(id)
            try await engine.killContainer(id, signal: "SIGHUP")
            try await engine.removeContainer(id, force: true)
            let path = "/v1.41/containers/\(Sample.id)"
            #expect(
                stub.requests.map { "\($0.method) \($0.path)?\($0.query)" } == [
                    "POST \(path)/start?", "POST \(path)/stop?", "POST \(path)/restart?",
                    "POST \(path)/kill?signal=SIGHUP", "DELETE \(path)?force=true&v=true",
                ]
            )
        }
    }

    @Test func `Pause and unpause use the container's own path, and pass on the engine's refusal`() async throws {
        try await StubEngine.withEngine { request in
            request.path.hasSuffix("unpause")
                ? .http(500, body: #"{"message":"not paused"}"#) : .raw("HTTP/1.1 204 No Content\r\n\r\n")
        } _: { engine, stub in
            let id = try Sample.containerID
            try await engine.pauseContainer(id)
            await #expect(throws: EngineError.status(500, message: "not paused")) {
                try await engine.unpauseContainer(id)
            }
            #expect(
                stub.requests.map { "\($0.method) \($0.path)?\($0.query)\($0.body)" } == [
                    "POST /v1.41/containers/\(Sample.id)/pause?", "POST /v1.41/containers/\(Sample.id)/unpause?",
                ]
            )
        }
    }

    @Test func `A stop waits as long as the container's stop timeout, and a day at most`() {
        #expect(longestStop(stopTimeout: nil) == .seconds(60))
        #expect(longestStop(stopTimeout: 5) == .seconds(60))
        #expect(longestStop(stopTimeout: 600) == .seconds(600))
        #expect(longestStop(stopTimeout: -1) == .seconds(86_400))
        #expect(longestStop(stopTimeout: .max) == .seconds(86_400))
    }

    @Test func `The container's own timeout is not sent, because the engine has it`() async throws {
        try await StubEngine.withEngine { _ in
            .raw("HTTP/1.1 204 No Content\r\n\r\n")
        } _: { engine, stub in
            try await engine.stopContainer(try Sample.containerID, stopTimeout: 600)
            try await engine.restartContainer(try Sample.containerID, stopTimeout: .max)
            #expect(stub.requests.map(\.query) == ["", ""])
        }
    }

    @Test("What is so already is a success: 304 on start and stop, 404 on remove")
    func alreadySo() async throws {
        try await StubEngine.withEngine { request in
            request.method == "DELETE" ? .http(404, body: #"{"message":"none"}"#) : .raw("HTTP/1.1 304 X\r\n\r\n")
        } _: { engine, stub in
            let id = try Sample.containerID
            try await engine.startContainer(id)
            try await engine.stopContainer(id)
            try await engine.removeContainer(id)
            #expect(stub.requests.count == 3)
        }
    }

    @Test("A running container is not removed without force, and the engine's reason is told")
    func removeRunning() async throws {
        try await StubEngine.withEngine { _ in
            .http(409, body: #"{"message":"is running"}"#)
        } _: { engine, stub in
            let error = await #expect(throws: EngineError.self) {
                try await engine.removeContainer(try Sample.containerID)
            }
            #expect(error?.isConflict == true)
            #expect(stub.requests.first?.query == "force=false&v=true")
        }
    }

    @Test("All containers with a label are asked for, running or not")
    func list() async throws {
        try await StubEngine.withEngine { _ in
            .http(200, body: "[\(Sample.summary)]")
        } _: { engine, stub in
            let containers = try await engine.containers(labels: ["berth.app=a&b", "x"])
            #expect(containers.map(\.id.description) == [Sample.id])
            let request = try #require(stub.requests.first)
            #expect(request.path == "/v1.41/containers/json")
            #expect(request.queryItem("all") == "true")
            #expect(try request.filters() == ["label": ["berth.app=a&b", "x"]])
        }
    }

    @Test(
        "A list with one bad row is undecodable as a whole",
        arguments: ["0123456789ab", "web", Sample.id.uppercased()]
    )
    func badRow(id: String) async throws {
        let row = Sample.summary.replacing(Sample.id, with: id)
        try await StubEngine.withEngine { _ in
            .http(200, body: "[\(Sample.summary),\(row)]")
        } _: { engine, _ in
            await expectUndecodable { _ = try await engine.containers() }
        }
    }

    @Test("Details are about the container that was asked for")
    func inspect() async throws {
        try await StubEngine.withEngine { _ in
            .http(200, body: Sample.details)
        } _: { engine, stub in
            let details = try await engine.container(try Sample.containerID)
            #expect(details.name == "/web")
            #expect(stub.requests.first?.path == "/v1.41/containers/\(Sample.id)/json")
        }
    }

    @Test("Details of another container are undecodable")
    func inspectAnother() async throws {
        let details = Sample.details.replacing(Sample.id, with: Sample.otherID)
        try await StubEngine.withEngine { _ in
            .http(200, body: details)
        } _: { engine, _ in
            await expectUndecodable { _ = try await engine.container(try Sample.containerID) }
        }
    }

    @Test("Waiting returns the exit code, and ends at its deadline")
    func wait() async throws {
        try await StubEngine.withEngine { _ in
            .http(200, body: #"{"StatusCode":137,"Error":null}"#)
        } _: { engine, stub in
            let exit = try await engine.waitForContainer(try Sample.containerID, deadline: .seconds(5))
            #expect(exit.statusCode == 137)
            #expect(stub.requests.first?.path == "/v1.41/containers/\(Sample.id)/wait")
        }
        try await StubEngine.withEngine { _ in
            .hang
        } _: { engine, _ in
            await #expect(throws: EngineError.timedOut(.milliseconds(50))) {
                _ = try await engine.waitForContainer(try Sample.containerID, deadline: .milliseconds(50))
            }
        }
    }

    @Test("A log is asked for with what the caller wants of it")
    func logQuery() async throws {
        try await StubEngine.withEngine { _ in
            .chunked([] as [String])
        } _: { engine, stub in
            let id = try Sample.containerID
            _ = try await engine.logs(of: id, follow: false, hasTTY: false)
            _ = try await engine.logs(of: id, follow: true, tail: 5, since: "17.5", timestamps: true, hasTTY: true)
            #expect(stub.requests.allSatisfy { $0.path == "/v1.41/containers/\(Sample.id)/logs" })
            #expect(
                stub.requests.map(\.query) == [
                    "stdout=true&stderr=true&follow=false&timestamps=false",
                    "stdout=true&stderr=true&follow=true&timestamps=true&tail=5&since=17.5",
                ]
            )
        }
    }

    @Test("A log in chunks of one byte is read like any other, framed and raw", arguments: [true, false])
    func logBytes(hasTTY: Bool) async throws {
        let log = LogFramesTests.frame(1, "out\n") + LogFramesTests.frame(2, "err\n")
        try await StubEngine.withEngine { _ in
            .chunked(log.map { [$0] })
        } _: { engine, _ in
            var bytes: [UInt8] = []
            for try await chunk in try await engine.logs(of: try Sample.containerID, follow: false, hasTTY: hasTTY) {
                bytes += chunk.bytes.readableBytesView
            }
            #expect(bytes == (hasTTY ? log : Array("out\nerr\n".utf8)))
        }
    }

    @Test("A log that ends within a frame is undecodable, one whose connection breaks is unreachable")
    func brokenLog() async throws {
        let half = [Array(LogFramesTests.frame(1, "out\n").dropLast())]
        try await StubEngine.withEngine { _ in
            .chunked(half)
        } _: { engine, _ in
            await expectUndecodable { try await readLog(engine) }
        }
        var broken = StubAnswer.chunked(half, ends: false)
        broken.ending = .closed
        try await StubEngine.withEngine { [broken] _ in
            broken
        } _: { engine, _ in
            await expectUnreachable { try await readLog(engine) }
        }
    }

    private func readLog(_ engine: Engine) async throws {
        for try await _ in try await engine.logs(of: try Sample.containerID, follow: true, hasTTY: false) {}
    }
}

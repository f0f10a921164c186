import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(5))) struct SystemTests {
    @Test(
        "The API version is agreed on, and part of every path from then on",
        arguments: [
            ("1.41", "1.12", "1.41"), ("1.52", "1.44", "1.52"), ("1.99", "1.24", "1.52"), ("2.5", "1.24", "1.52"),
            ("1.41", nil, "1.41"),
        ] as [(String, String?, String)]
    )
    func agreement(newest: String, oldest: String?, agreed: String) async throws {
        try await StubEngine.with(versions(newest, oldest)) { transport, stub in
            let engine = try await Engine.negotiated(over: transport)
            #expect(engine.apiVersion.description == agreed)
            #expect(engine.version == "20.10.24")
            _ = try? await engine.info()
            #expect(stub.requests.map(\.path) == ["/_ping", "/version", "/v\(agreed)/info"])
        }
    }

    @Test("An engine that is too old or too new is told apart from one that does not answer")
    func noAgreement() async throws {
        let old = APIVersion(major: 1, minor: 40)
        try await expect(EngineVersionMismatch.engineTooOld(speaks: old), of: versions("1.40", "1.12"))
        let new = APIVersion(major: 1, minor: 60)
        try await expect(EngineVersionMismatch.engineTooNew(needs: new), of: versions("1.99", "1.60"))
    }

    @Test(
        "A version that is none is undecodable",
        arguments: ["", "1", "v1.41", "1.41.0", "+1.41", "1.-1", "65536.1", "latest", "1.41/../.."]
    )
    func garbage(version: String) async throws {
        try await StubEngine.with(versions(version, "1.12")) { transport, _ in
            await expectUndecodable { _ = try await Engine.negotiated(over: transport) }
        }
    }

    @Test(
        "So is one of a wrong type, or something else altogether",
        arguments: ["{}", "", "OK", "[]", #"{"Version":1}"#]
    )
    func noVersion(body: String) async throws {
        try await StubEngine.with { _ in
            .http(200, body: body)
        } _: { transport, _ in
            await expectUndecodable { _ = try await Engine.negotiated(over: transport) }
        }
    }

    @Test("The engine's own version is cleaned before it is shown")
    func hostileVersion() async throws {
        let body = #"{"Version":"20\u001b]0;x\u0007\n\#(String(repeating: "🐳", count: 5000))","ApiVersion":"1.41"}"#
        try await StubEngine.with { _ in
            .http(200, body: body)
        } _: { transport, _ in
            let engine = try await Engine.negotiated(over: transport)
            #expect(isCleanLine(engine.version))
        }
    }

    @Test("An engine that refuses to be pinged is not asked for its version")
    func failedPing() async throws {
        try await StubEngine.with { _ in
            .http(500, body: #"{"message":"starting"}"#)
        } _: { transport, stub in
            await #expect(throws: EngineError.status(500, message: "starting")) {
                _ = try await Engine.negotiated(over: transport)
            }
            #expect(stub.requests.map(\.path) == ["/_ping"])
        }
    }

    @Test("A ping says how long it took")
    func ping() async throws {
        try await StubEngine.withEngine { _ in
            .hang
        } _: { engine, _ in
            let time = try await engine.ping()
            #expect(time > .zero)
        }
    }

    @Test("Every request names the same host, whatever the socket's path")
    func host() async throws {
        try await StubEngine.withEngine { _ in
            .http(200, body: Sample.info)
        } _: { engine, stub in
            _ = try await engine.info()
            #expect(stub.requests.first?.headers["host"] == "docker")
        }
    }

    @Test("Events are filtered by type and label, and read as they come")
    func events() async throws {
        let answer = StubAnswer.chunked([String(Sample.event.prefix(20)), Sample.event.dropFirst(20) + "\n", "\n"])
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, stub in
            var actions: [String] = []
            for try await event in try await engine.events(types: ["container"], labels: ["berth.app=a b&c=ü"]) {
                actions.append(event.action)
            }
            #expect(actions == ["die"])
            let request = try #require(stub.requests.first)
            #expect(request.path == "/v1.41/events")
            #expect(try request.filters() == ["type": ["container"], "label": ["berth.app=a b&c=ü"]])
        }
    }

    @Test("Events come while the stream is still open")
    func liveEvents() async throws {
        let answer = StubAnswer.chunked([Sample.event + "\n", Sample.event + "\n"], ends: false)
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, stub in
            var events = try await engine.events(types: ["container"]).makeAsyncIterator()
            #expect(try await events.next()?.action == "die")
            #expect(try await events.next()?.action == "die")
            #expect(stub.openConnections >= 1)
        }
    }

    @Test("Events that break off are unreachable, half an event is undecodable")
    func brokenEvents() async throws {
        let half = StubAnswer.chunked([Sample.event + "\n" + Sample.event])
        try await StubEngine.withEngine { _ in
            half
        } _: { engine, _ in
            await expectUndecodable { for try await _ in try await engine.events(types: []) {} }
        }
        var broken = StubAnswer.chunked([Sample.event + "\n"], ends: false)
        broken.ending = .closed
        try await StubEngine.withEngine { [broken] _ in
            broken
        } _: { engine, _ in
            await expectUnreachable { for try await _ in try await engine.events(types: []) {} }
        }
    }

    @Test("An event without a line feed in 1 MiB is undecodable, in bounded memory")
    func endlessEvent() async throws {
        let piece = Array(repeating: UInt8(ascii: "x"), count: 16 << 10)
        try await StubEngine.withEngine { _ in
            .endlessChunks(start: "{", of: piece)
        } _: { engine, stub in
            await expectUndecodable { for try await _ in try await engine.events(types: []) {} }
            try await expectEventually { stub.openConnections == 0 }
            #expect(stub.bytesSent < 16 << 20)
        }
    }

    private func versions(_ newest: String, _ oldest: String?) -> StubEngine.Script {
        let minimum = oldest.map { #","MinAPIVersion":"\#($0)""# } ?? ""
        return { request in
            request.path == "/_ping"
                ? .http(200, body: "OK")
                : .http(200, body: #"{"Version":"20.10.24","ApiVersion":"\#(newest)"\#(minimum)}"#)
        }
    }

    private func expect(_ error: EngineVersionMismatch, of script: @escaping StubEngine.Script) async throws {
        try await StubEngine.with(script) { transport, _ in
            await #expect(throws: error) { _ = try await Engine.negotiated(over: transport) }
        }
    }
}

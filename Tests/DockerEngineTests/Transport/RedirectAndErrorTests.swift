import NIOHTTP1
import Testing

@testable import DockerEngine

/// Answers that are not 2xx.
@Suite(.timeLimit(.minutes(5))) struct RedirectAndErrorTests {
    @Test(
        "A redirect is undecodable and not followed",
        arguments: [300, 301, 302, 303, 305, 307, 308],
        ["/v1.41/images/json", "http://127.0.0.1:1/", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info", ""]
    )
    func redirect(status: Int, location: String) async throws {
        let answer = StubAnswer.http(status, headers: ["Location: \(location)"], body: Sample.info)
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, stub in
            await expectUndecodable { _ = try await engine.info() }
            await expectUndecodable { try await engine.startContainer(try Sample.containerID) }
            await expectUndecodable { _ = try await engine.events(types: []) }
            #expect(stub.requests.count == 3)
        }
    }

    @Test("An error's status and message are those of the engine", arguments: [400, 403, 404, 409, 500, 503])
    func status(_ status: Int) async throws {
        let answer = StubAnswer.http(status, body: #"{"message":"No such container: \u00fc"}"#)
        try await StubEngine.withEngine { _ in
            answer
        } _: { engine, _ in
            await #expect(throws: EngineError.status(status, message: "No such container: ü")) {
                _ = try await engine.container(try Sample.containerID)
            }
        }
    }

    @Test(
        "A conflict that podman reports as a failure of its own has Docker's status",
        arguments: [
            (
                500, "that name is already in use", 409,
                #"creating container storage: the container name \"q\" is already in use by 35e5818e15b8"#
            ),
            (500, "network already exists", 409, "network name n1 already used: network already exists"),
            (500, "network is being used", 409, "has associated containers with it: network is being used"),
            (500, "container state improper", 409, "can only create exec sessions on running containers"),
            (404, "no such container", 404, "no container with name or ID found: no such container"),
            (409, "image is in use by a container", 409, "image is in use"),
            (500, "no space left on device", 500, "write: no space left on device"),
            (403, "container state improper", 403, "no"),
        ]
    )
    func cause(sent: Int, cause: String, status: Int, message: String) async throws {
        let body = #"{"cause":"\#(cause)","message":"\#(message)","response":\#(sent)}"#
        try await StubEngine.withEngine { _ in
            .http(sent, body: body)
        } _: { engine, _ in
            let expected = EngineError.status(status, message: message.replacing("\\\"", with: "\""))
            await #expect(throws: expected) { _ = try await engine.info() }
        }
    }

    @Test("A cause of another type is passed over", arguments: ["5", "null", "{}", "[]"])
    func wrongCause(_ cause: String) async throws {
        try await StubEngine.withEngine { _ in
            .http(500, body: #"{"cause":\#(cause),"message":"x"}"#)
        } _: { engine, _ in
            await #expect(throws: EngineError.status(500, message: "x")) { _ = try await engine.info() }
        }
    }

    @Test(
        "An error that is not Docker's JSON is shown as it is, in one line",
        arguments: [
            ("page not found\n", "page not found"), ("", ""), (" \n\t ", ""), ("{}", "{}"), ("[1]", "[1]"),
            (#"{"message":5}"#, #"{"message":5}"#), ("<html>\r\n<b>502</b>", "<html>  <b>502</b>"),
        ]
    )
    func plainMessage(body: String, message: String) async throws {
        try await StubEngine.withEngine { _ in
            .http(502, body: body)
        } _: { engine, _ in
            await #expect(throws: EngineError.status(502, message: message)) { _ = try await engine.info() }
        }
    }

    @Test(
        "An error's message is one clean line of at most 1 KiB",
        arguments: [
            #"{"message":"a\u001b]0;owned\u0007b\r\nc\u0085d\u2028e\u202ef\u200bg\u0000"}"#,
            #"{"message":"\#(String(repeating: "x", count: 5000))"}"#, String(repeating: "🐳", count: 5000),
            "\u{1B}[2J\u{9B}31m\u{7F}", String(repeating: "\u{1F468}\u{200D}", count: 2000),
            "e" + String(repeating: "\u{301}", count: 5000), "[" + String(repeating: "[", count: 10_000),
        ]
    )
    func hostileMessage(_ body: String) async throws {
        try await StubEngine.withEngine { _ in
            .http(500, body: body)
        } _: { engine, _ in
            let error = await #expect(throws: EngineError.self) { _ = try await engine.info() }
            guard case .status(500, let message) = error else {
                Issue.record("threw \(String(describing: error))")
                return
            }
            #expect(isCleanLine(message))
            #expect(!message.isEmpty || body.hasPrefix("\u{1B}"))
        }
    }

    @Test("A message in bytes that are no UTF-8 is shown as far as it goes")
    func invalidUTF8() async throws {
        let body: [UInt8] = [0x61, 0xFF, 0xC0, 0x80, 0x62]
        try await StubEngine.withEngine { _ in
            .http(500, body: body)
        } _: { engine, _ in
            let error = await #expect(throws: EngineError.self) { _ = try await engine.info() }
            #expect(error == .status(500, message: String(decoding: body, as: UTF8.self)))
        }
    }

    @Test("After an error the engine can be asked again")
    func recovery() async throws {
        try await StubEngine.withEngine { request in
            request.path.hasSuffix("/info") ? .http(200, body: Sample.info) : .http(404)
        } _: { engine, _ in
            await #expect(throws: EngineError.status(404, message: "")) {
                try await engine.send(.DELETE, "/x", deadline: .seconds(5))
            }
            let info = try await engine.info()
            #expect(info.hasLiveRestore == false)
        }
    }
}

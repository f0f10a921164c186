import Foundation
import Synchronization
import Testing

@testable import DockerEngine

@Suite(.timeLimit(.minutes(5))) struct ImagesTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(
        "A pull names the image and one version of it",
        arguments: [
            ("nginx", "fromImage=nginx&tag=latest"), ("a.b:5000/c/d:1", "fromImage=a.b%3A5000%2Fc%2Fd&tag=1"),
            ("a:1@\(digest)", "fromImage=a&tag=sha256%3A\(String(repeating: "0a", count: 32))"),
        ]
    )
    func pullQuery(_ reference: String, query: String) async throws {
        try await StubEngine.withEngine { _ in
            .chunked([Sample.progress + "\n"])
        } _: { engine, stub in
            try await engine.pull(try ImageReference(reference))
            let request = try #require(stub.requests.first)
            #expect("\(request.method) \(request.path)" == "POST /v1.41/images/create")
            #expect(request.query == query)
        }
    }

    @Test(
        "An error inside an answer of 200 is the status that it should have been",
        arguments: [
            ("manifest for nginx:x not found: manifest unknown: manifest unknown", 404),
            ("pull access denied for x, repository does not exist or may require 'docker login'", 404),
            ("toomanyrequests: You have reached your pull rate limit.", 429),
            ("received unexpected HTTP status: 429 Too Many Requests", 429),
            // With containerd's image store.
            (
                #"failed to resolve reference \"docker.io/library/x:1\": docker.io/library/x:1: not found"#, 404
            ),
            (
                "failed to resolve reference: pull access denied, repository does not exist or may require "
                    + "authorization: server message: insufficient_scope: authorization failed", 404
            ),
            ("unexpected status from HEAD request to https://x/v2/y/manifests/1: 401 Unauthorized", 404),
            ("unexpected status from HEAD request to https://x/v2/y/manifests/1: 403 Forbidden", 404),
            ("unexpected status from HEAD request to https://x/v2/y/manifests/1: 429 Too Many Requests", 429),
            ("unexpected status from HEAD request to https://x/v2/y/manifests/1: 503 Service Unavailable", 500),
            ("no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform", 404),
            ("failed to do request: Head: dial tcp 127.0.0.1:1: connect: connection refused", 500),
            // podman
            ("initializing source docker://x/y:2: reading manifest 2 in x/y: manifest unknown", 404),
            ("initializing source docker://x/y:2: reading manifest 2 in x/y: name unknown: repository name", 404),
            ("initializing source docker://x/y:2: reading manifest 2 in x/y: unauthorized: access", 404),
            ("initializing source docker://x/y:2: pinging container registry x: connection refused", 500),
            ("Get \\\"https://x/v2/\\\": dial tcp: lookup x: no such host", 500),
            ("filesystem layer verification failed for digest sha256:1", 500),
        ],
        [
            #"{"errorDetail":{"message":"MESSAGE"},"error":"MESSAGE"}"#, #"{"error":"MESSAGE"}"#,
            #"{"errorDetail":{"code":500,"message":"MESSAGE"}}"#,
        ]
    )
    func errorInStream(failure: (String, Int), form: String) async throws {
        let line = form.replacing("MESSAGE", with: failure.0)
        try await StubEngine.withEngine { _ in
            .chunked([Sample.progress + "\n", line + "\n"])
        } _: { engine, _ in
            let message = failure.0.replacing("\\\"", with: "\"")
            await #expect(throws: EngineError.status(failure.1, message: message)) {
                try await engine.pull(try ImageReference("nginx"))
            }
        }
    }

    @Test("An error inside the stream is one clean line as well")
    func hostileError() async throws {
        let line = #"{"error":"a\u001b]0;x\u0007\n\#(String(repeating: "🐳", count: 2000))"}"# + "\n"
        try await StubEngine.withEngine { _ in
            .chunked([line])
        } _: { engine, _ in
            let error = await #expect(throws: EngineError.self) { try await engine.pull(try ImageReference("nginx")) }
            guard case .status(500, let message) = error else {
                Issue.record("threw \(String(describing: error))")
                return
            }
            #expect(isCleanLine(message))
        }
    }

    @Test("A pull sends the login for the registry in base64 with the alphabet of URLs, and only with one")
    func login() async throws {
        let server = try #require(RegistryServer("a.b:5000"))
        for (server, address) in [(server, "a.b:5000"), (.usual, "https://index.docker.io/v1/")] {
            try await StubEngine.withEngine { _ in
                .chunked([Sample.progress + "\n"])
            } _: { engine, stub in
                let image = try ImageReference("a.b:5000/c")
                // Both characters that differ between the alphabets occur.
                let login = RegistryCredentials(server: server, username: "deploy", password: "~~~???>>>\u{FB}")
                try await engine.pull(image, with: login)
                try await engine.pull(image)
                let header = try #require(stub.requests.first?.headers["x-registry-auth"])
                #expect(!header.contains("+") && !header.contains("/"))
                let plain = header.replacing("-", with: "+").replacing("_", with: "/")
                let sent = try JSONDecoder().decode([String: String].self, from: #require(Data(base64Encoded: plain)))
                #expect(
                    sent == ["username": "deploy", "password": "~~~???>>>\u{FB}", "serveraddress": address]
                )
                #expect(stub.requests.last?.headers["x-registry-auth"] == nil)
            }
        }
    }

    @Test(
        "Neither errors nor the progress of a pull repeat the password",
        arguments: [
            "hunter2+hunter2", "hunter2%2Bhunter2", "ZGVwbG95Omh1bnRlcjIraHVudGVyMg==", "https://deploy:x@a.b/v2",
            String(repeating: "x", count: 988) + "hunter2+hunter2",
        ]
    )
    func hiddenPassword(_ text: String) async throws {
        let login = RegistryCredentials(server: .usual, username: "deploy", password: "hunter2+hunter2")
        for answer in [
            StubAnswer.chunked(["{\"status\":\"\(text)\"}\n", "{\"error\":\"\(text)\"}\n"]),
            .http(500, body: "{\"message\":\"\(text)\"}"), .http(500, body: text),
        ] {
            try await StubEngine.withEngine { _ in
                answer
            } _: { engine, _ in
                let seen = Mutex<[String]>([])
                let error = await #expect(throws: EngineError.self) {
                    try await engine.pull(try ImageReference("nginx"), with: login) { line in
                        seen.withLock { $0.append(line.status ?? "") }
                    }
                }
                for shown in seen.withLock({ $0 }) + ["\(String(describing: error))"] {
                    #expect(!shown.contains(text.suffix(14)), "\(shown)")
                    #expect(!shown.contains("hunter2") && shown.contains("***"))
                }
            }
        }
    }

    @Test("A refusal before the stream has the engine's own status")
    func refusal() async throws {
        try await StubEngine.withEngine { _ in
            .http(404, body: #"{"message":"no such image"}"#)
        } _: { engine, _ in
            await #expect(throws: EngineError.status(404, message: "no such image")) {
                try await engine.pull(try ImageReference("nginx"))
            }
        }
    }

    @Test("A pull whose registry falls silent is timed out, and its connection is closed")
    func silence() async throws {
        let half = StubAnswer.chunked([Sample.progress + "\n", "{\"status\":"], ends: false)
        for answer in [.hang, .chunked([] as [String], ends: false), half] {
            try await StubEngine.withEngine { _ in
                answer
            } _: { engine, stub in
                await #expect(throws: EngineError.timedOut(.milliseconds(200))) {
                    try await engine.pull(try ImageReference("nginx"), idleLimit: .milliseconds(200))
                }
                try await expectEventually { stub.openConnections == 0 }
            }
        }
    }

    @Test("A pull that moves may take longer than the silence that is allowed")
    func slowPull() async throws {
        let lines = (1...18).map { count in
            #"{"status":"Downloading","progressDetail":{"current":\#(count)},"id":"a"}"# + "\n"
        }
        try await StubEngine.withEngine { _ in
            .chunked(lines, pause: .milliseconds(200))
        } _: { engine, _ in
            try await engine.pull(try ImageReference("nginx"), idleLimit: .seconds(3))
        }
    }

    @Test("A pull whose report only repeats itself does not move")
    func repeatingPull() async throws {
        let lines = (0..<200).map { count in
            #"{"status":"Downloading","progressDetail":{"current":7},"id":"\#(count % 2)"}"# + "\n"
        }
        try await StubEngine.withEngine { _ in
            .chunked(lines, pause: .milliseconds(50))
        } _: { engine, _ in
            await #expect(throws: EngineError.timedOut(.milliseconds(300))) {
                try await engine.pull(try ImageReference("nginx"), idleLimit: .milliseconds(300))
            }
        }
    }

    @Test("A pull that ends within a line is undecodable, and one that breaks off unreachable")
    func brokenPull() async throws {
        try await StubEngine.withEngine { _ in
            .chunked([Sample.progress])
        } _: { engine, _ in
            await expectUndecodable { try await engine.pull(try ImageReference("nginx")) }
        }
        let raw = "HTTP/1.1 200 OK\r\n\r\n" + Sample.progress
        try await StubEngine.withEngine { _ in
            .raw(raw, then: .closed)
        } _: { engine, _ in
            await expectUndecodable { try await engine.pull(try ImageReference("nginx")) }
        }
        var broken = StubAnswer.chunked([Sample.progress + "\n"], ends: false)
        broken.ending = .closed
        try await StubEngine.withEngine { [broken] _ in
            broken
        } _: { engine, _ in
            await expectUnreachable { try await engine.pull(try ImageReference("nginx")) }
        }
    }

    @Test("A line of a pull that is no progress is undecodable", arguments: ["x", "[]", #"{"status":1}"#, "null"])
    func wrongLine(_ line: String) async throws {
        try await StubEngine.withEngine { _ in
            .chunked([line + "\n"])
        } _: { engine, _ in
            await expectUndecodable { try await engine.pull(try ImageReference("nginx")) }
        }
    }

    @Test("A pull reports each line that does not repeat the one before")
    func report() async throws {
        let line = #"{"status":"Downloading\u0007","progressDetail":{"current":7},"id":"a"}"# + "\n"
        try await StubEngine.withEngine { _ in
            .chunked([Sample.progress + "\n", line, line, Sample.progress + "\n"])
        } _: { engine, _ in
            let lines = Mutex<[PullProgress]>([])
            try await engine.pull(try ImageReference("nginx")) { line in lines.withLock { $0.append(line) } }
            let found = lines.withLock { $0 }
            #expect(found.map(\.layer) == ["a1b2", "a"])
            #expect(found.map(\.status) == ["Downloading", "Downloading"])
            #expect(found.map(\.detail?.current) == [5, 7])
        }
    }

    @Test func `Seconds of unpacking are progress, but no bytes`() async throws {
        let lines = (1...2).map { second in
            #"{"status":"Extracting","id":"a","progressDetail":{"current":\#(second),"units":"s"}}"# + "\n"
        }
        try await StubEngine.withEngine { _ in
            .chunked(lines)
        } _: { engine, _ in
            let found = Mutex<[PullProgress]>([])
            try await engine.pull(try ImageReference("nginx")) { line in found.withLock { $0.append(line) } }
            #expect(found.withLock { $0 }.map(\.detail?.current) == [1, 2])
            #expect(found.withLock { $0 }.map(\.detail?.areBytes) == [false, false])
        }
    }

    @Test("Images are listed with their valid names, and with numbers that can be shown")
    func list() async throws {
        let body = """
            [{"Id":"sha256:\(Sample.id)","RepoTags":["nginx:1","<none>:<none>","a b"],"RepoDigests":["nginx@\(Self.digest)"],
              "Size":-5,"Created":9223372036854775807},
             {"Id":"sha256:\(Sample.otherID)","RepoTags":null,"Size":7,"Created":1700000000}]
            """
        try await StubEngine.withEngine { _ in
            .http(200, body: body)
        } _: { engine, stub in
            let images = try await engine.images()
            #expect(images.map { $0.names.map(\.description) } == [["nginx:1", "nginx@\(Self.digest)"], []])
            #expect(images.map(\.size) == [0, 7])
            #expect(images.map(\.created) == [253_402_300_799, 1_700_000_000])
            #expect(stub.requests.first?.path == "/v1.41/images/json")
        }
        try await StubEngine.withEngine { _ in
            .http(200, body: #"[{"Id":"../containers","RepoTags":[],"Size":7,"Created":1}]"#)
        } _: { engine, _ in
            await expectUndecodable { _ = try await engine.images() }
        }
    }

    @Test("An image is removed by its id or by one of its names, and never by force")
    func remove() async throws {
        try await StubEngine.withEngine { _ in
            .http(200, body: "[]")
        } _: { engine, stub in
            try await engine.removeImage(try #require(ImageID(Sample.id)))
            try await engine.removeImageName(try ImageReference("a.b:5000/c/d:1"))
            #expect(
                stub.requests.map { "\($0.method) \($0.path)" } == [
                    "DELETE /v1.41/images/sha256:\(Sample.id)", "DELETE /v1.41/images/a.b:5000/c/d:1",
                ]
            )
            #expect(stub.requests.allSatisfy { $0.query.isEmpty })
        }
    }

    @Test("An image is asked for by its name, slashes and all")
    func inspect() async throws {
        try await StubEngine.withEngine { _ in
            .http(200, body: Sample.image)
        } _: { engine, stub in
            let image = try await engine.image(try ImageReference("a.b:5000/c/d:1@\(Self.digest)"))
            #expect(image.id == "sha256:abc")
            #expect(stub.requests.first?.path == "/v1.41/images/a.b:5000/c/d:1@\(Self.digest)/json")
        }
    }
}

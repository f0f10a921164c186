import DockerEngine
import JSON
import TestSupport
import Testing

/// Images over the API, on a real engine over SSH, with the lab's own registry.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ImageTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    private func withServer(_ app: String, _ body: @escaping @Sendable (HTTP) async throws -> Void) async throws {
        let result = await Result(catching: {
            try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
                try await server.client.waitForHost("lab", "connected")
                try await body(server.client)
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    /// Builds an image of its own id, pushes it to the registry, and removes it from the engine.
    ///
    /// - Returns: its name.
    private func push(_ repository: String, _ tag: String) async throws -> String {
        let name = "\(lab.registry)/\(repository):\(tag)"
        let source = freshName("source")
        try await runDocker(lab, "create", "--name", source, "busybox")
        try await runDocker(lab, "commit", "-c", "LABEL version=\(repository)-\(tag)", source, name)
        try await runDocker(lab, "rm", source)
        try await runDocker(lab, "push", name)
        try await runDocker(lab, "rmi", name)
        return name
    }

    /// The lines of a pull.
    private func pull(_ image: String, _ http: HTTP) async throws -> [JSONValue] {
        let answer = try await http.post("/v1/images/pull", ["image": .string(image), "host": "lab"])
        #expect(answer.status == 200)
        #expect(answer.header("content-type") == "application/x-ndjson")
        return try answer.text.split(separator: "\n").map { try JSONReader.parse(Array($0.utf8)) }
    }

    private func images(_ http: HTTP) async throws -> [JSONValue] {
        try await http.get("/v1/images?host=lab&limit=1000")["items"].elements
    }

    @Test func `An image is pulled with progress, listed, and removed`() async throws {
        try await withServer(freshName("app")) { http in
            let image = try await push(freshName(), "1")
            let lines = try await pull(image, http)
            let id = lines.last?["image_id"].string ?? ""
            #expect(try await runDocker(lab, "image", "inspect", "--format", "{{.Id}}", image) == id)
            #expect(lines.dropLast().contains { !$0["status"].string.isEmpty })
            let listed = try #require(try await images(http).first { $0["id"].string == id })
            #expect(listed["tags"].elements.map(\.string) == [image])
            #expect(try #require(listed["size_bytes"].int) > 1000)
            #expect(listed["used_by_runs"] == 0 && listed["used_by_releases"] == 0)
            #expect(try await http.delete("/v1/images/\(id)?host=lab").status == 204)
            #expect(try await http.delete("/v1/images/\(id)?host=lab").status == 404)
            #expect(try await !images(http).contains { $0["id"].string == id })
        }
    }

    @Test func `A pull of an image that does not exist fails, before or after the response has begun`() async throws {
        try await withServer(freshName("app")) { http in
            let image = JSONValue.string("\(lab.registry)/no/such:1")
            let answer = try await http.post("/v1/images/pull", ["image": image])
            let last = try JSONReader.parse(Array((answer.text.split(separator: "\n").last ?? "").utf8))
            let problem = answer.status == 200 ? last["error"] : last
            #expect(problem["code"].string == "engine_error", "\(answer.text)")
            #expect(problem["detail"].string.contains("not found") || problem["detail"].string.contains("unknown"))
        }
    }

    @Test func `An image that a container uses, or that has several names, is not removed`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let image = try await push(freshName(), "1")
            try await http.define(app, image: image)
            let run = try await http.run(app)
            let id = try await runDocker(lab, "image", "inspect", "--format", "{{.Id}}", image)
            let listed = try #require(try await images(http).first { $0["id"].string == id })
            #expect(listed["used_by_runs"] == 1 && listed["used_by_releases"] == 1)
            #expect(try await http.delete("/v1/images/\(id)")["code"].string == "image_in_use")
            #expect(try await http.post("/v1/runs/\(run)/stop").status == 200)
            #expect(try await http.delete("/v1/images/\(id)")["code"].string == "image_in_use")
            #expect(try await http.delete("/v1/runs/\(run)").status == 200)
            try await runDocker(lab, "tag", image, image + "-2")
            #expect(try await http.delete("/v1/images/\(id)")["code"].string == "image_in_use")
            try await runDocker(lab, "rmi", image + "-2")
            #expect(try await http.delete("/v1/images/\(id)").status == 204)
        }
    }

    @Test func `A prune removes the images of earlier releases, and nothing else`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let repository = freshName()
            var names: [String] = []
            for tag in ["1", "2", "3", "4"] { names.append(try await push(repository, tag)) }
            for name in names { _ = try await pull(name, http) }
            let foreign = try await push(freshName(), "1")
            _ = try await pull(foreign, http)
            // The first image has a second name, of another repository.
            try await runDocker(lab, "tag", names[0], "\(repository):second")
            try await http.define(app, image: names[0])
            for name in names.dropFirst() {
                #expect(try await http.patch("/v1/apps/\(app)", ["image": .string(name)]).status == 200)
                if name == names[1] { _ = try await http.run(app) }
            }
            let answer = try await http.post("/v1/images/prune", ["host": "lab", "keep_releases": 2])
            #expect(answer.status == 200)
            let removed = answer["removed"].elements
            #expect(
                removed.map { $0["tags"].elements.map(\.string).sorted() } == [
                    [names[0], "\(repository):second"].sorted()
                ]
            )
            #expect(try #require(answer["reclaimed_bytes"].int) > 1000)
            let left = try await images(http).flatMap { $0["tags"].elements.map(\.string) }
            // A run uses the second one.
            for name in names.dropFirst() + [foreign, "busybox:latest"] { #expect(left.contains(name), "\(name)") }
            #expect(!left.contains(names[0]) && !left.contains("\(repository):second"))
            for name in names.dropFirst(2) + [foreign] { try await runDocker(lab, "rmi", name) }
            try await lab.removeContainers(ofApp: app)
            try await runDocker(lab, "rmi", names[1])
        }
    }
}

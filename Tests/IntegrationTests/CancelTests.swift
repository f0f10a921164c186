import JSON
import NIOCore
import NIOPosix
import Testing

/// A run that is being started can be removed.
@Suite(.serialized) struct CancelTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test(arguments: ["stop", "kill", "delete the run", "delete the app"])
    func `A run whose image pull hangs ends at once when it is cancelled`(by what: String) async throws {
        let lab = lab
        let app = freshName("app")
        try await withSilentRegistry { registry in
            try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
                let http = server.client
                try await http.define(app, image: "\(registry)/never:1")
                let promised = try await http.post("/v1/apps/\(app)/runs", ["wait": "created"])
                let name = try #require(promised["items"].elements.first)["name"].string
                try await eventually("its image is being fetched") {
                    try await http.get("/v1/runs/\(name)")["state"] == "pulling"
                }
                let ended = try await timed {
                    switch what {
                    case "delete the run": try await http.delete("/v1/runs/\(name)?force=true")
                    case "delete the app": try await http.delete("/apps/\(app)?force=true")
                    default: try await http.post("/v1/runs/\(name)/\(what)")
                    }
                }
                #expect(ended.value.status == (what == "delete the app" ? 204 : 200), "\(ended.value.text)")
                // The registry's silence would end it after 90 s.
                #expect(ended.duration < .seconds(30))
                if ended.value.status == 200 {
                    #expect(ended.value["state"] == "failed")
                    #expect(ended.value["reason"] == "It was stopped before it was started.")
                }
            }
        }
    }

    /// A registry that accepts connections and does not answer.
    private func withSilentRegistry(_ body: (String) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body("127.0.0.1:\(listener.localAddress?.port ?? 0)")
            try await listener.close()
        } catch {
            try? await listener.close()
            throw error
        }
    }
}

import Testing

/// The sum of the layers of a real answer.
@Suite(.serialized) struct ServerTimingTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A run over SSH spends its time in the layers that its answer names, most of it in the engine`()
        async throws
    {
        let lab = lab
        let app = freshName("app")
        let result = await Result(catching: {
            let hosts = ["far=\(lab.sshEndpoint)"]
            try await BerthProcess.with(hosts: hosts, sshConfig: lab.sshConfig) { server in
                try await server.client.waitForHost("far", "connected")
                try await server.client.define(app)
                var (store, engine) = (0.0, 0.0)
                for _ in 0..<3 {
                    let answer = try await server.client.post("/apps/run/\(app)")
                    #expect(answer.status == 201, "\(answer.text)")
                    let times = try Self.times(answer.header("server-timing"))
                    store += times.store
                    engine += times.engine
                }
                // One slow disk write on a busy machine is not an error.
                #expect(engine > store)
            }
        })
        try await lab.removeContainers(ofApp: app)
        try result.get()
    }

    private static func times(_ field: String?) throws -> (store: Double, engine: Double) {
        let field = try #require(field)
        let entries = field.split(separator: ", ").map { $0.split(separator: ";dur=") }
        #expect(entries.map { $0[0] } == ["store", "transport", "engine", "total"])
        let times = try entries.map { try #require(Double($0[1])) }
        let (store, transport, engine, total) = (times[0], times[1], times[2], times[3])
        #expect(store > 0 && transport > 0, "\(field)")
        #expect(store + transport + engine <= total * 1.1, "\(field)")
        return (store, engine)
    }
}

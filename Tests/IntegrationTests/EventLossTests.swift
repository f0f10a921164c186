import JSON
import TestSupport
import Testing

/// Lost events only cause a delay: nothing stays wrong.
@Suite(.serialized) struct EventLossTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `If every third event gets lost, all states are right after a minute at most`() async throws {
        let lab = lab
        let app = freshName("app")
        try await EngineProxy.with(engine: lab.engineSocket, dropsEveryThirdEvent: true) { proxy in
            try await BerthProcess.with(hosts: ["lab=\(proxy.endpoint)"]) { server in
                let http = server.client
                try await http.define(app)
                let names = try await http.run(app, count: 9)
                let truth = try await EngineTruth.ofServer(thatRan: names[0], on: lab.engineSocket)
                try await truth.isShown(by: http)
                let before = proxy.droppedEvents
                for name in names { try await runDocker(lab, "pause", name) }
                try await eventually("three events got lost") { proxy.droppedEvents == before + 3 }
                try await eventually("what six events told is shown") {
                    try await http.allRuns(on: "lab").count { $0["state"] == "paused" } == 6
                }
                #expect(try await truth.differences(from: http.allRuns(on: "lab")).count == 3)
                try await truth.isShown(by: http, within: .promised(.seconds(75)))
                let mirror = try await http.get("/v1/hosts/lab")["mirror"]
                #expect(mirror["corrections"].int == 3)
                #expect(mirror["lists"].int ?? 0 >= 1)
                #expect(mirror["events"].int ?? 0 > 6)
            }
        }
        try await lab.removeContainers(ofApp: app)
    }
}

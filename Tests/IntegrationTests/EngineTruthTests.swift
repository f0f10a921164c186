import DockerEngine
import FoundationEssentials
import JSON
import Testing

/// The comparison of a server with its engine finds errors, so a server that passes it is right.
@Suite(.serialized) struct EngineTruthTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `A server shows the true state, and an older state is reported as different`() async throws {
        let lab = lab
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            let http = server.client
            try await http.define(app)
            let names = try await http.run(app, count: 8)
            let truth = try await EngineTruth.ofServer(thatRan: names[0], on: lab.engineSocket)
            try await runDocker(lab, "kill", names[6], names[7])
            try await truth.isShown(by: http)
            let before = try await http.allRuns(on: "lab")
            #expect(before.count == 8)
            try await runDocker(lab, "pause", names[0])
            try await runDocker(lab, "kill", names[1])
            try await runDocker(lab, "rm", "-f", names[2])
            try await runDocker(lab, "rename", names[3], names[3] + "-moved")
            try await runDocker(lab, "restart", "-t", "1", names[6])
            let found = try await truth.differences(from: before)
            #expect(
                Set(found) == [
                    "\(names[0]) is running, its container is paused",
                    "\(names[1]) is running, its container is exited",
                    "\(names[1]) is running with no exit code, its container with exit code 137",
                    "\(names[2]) is running, and its container is not there",
                    "\(names[3]) is running, its container is named /\(names[3])-moved",
                    "\(names[6]) is exited, its container is running",
                    "\(names[6]) is exited with exit code 137, its container with no exit code",
                ]
            )
            #expect(found.count == 7)
            try await truth.isShown(by: http, renamed: [names[3]: names[3] + "-moved"])
            try await expectForgeries(of: http.allRuns(on: "lab"), truth, renamed: names[3])
        }
        try await lab.removeContainers(ofApp: app)
    }

    /// Changes one member of a run to a wrong value.
    private func expectForgeries(of runs: [JSONValue], _ truth: EngineTruth, renamed name: String) async throws {
        let names = [name: name + "-moved"]
        let index = try #require(runs.firstIndex { $0["state"] == "running" && $0["name"].string != name })
        func differences(_ changes: [String: JSONValue]) async throws -> [String] {
            var forged = runs
            guard case .object(var object) = forged[index] else { throw LabError("a run is no object") }
            for (name, value) in changes { object.set(name, to: value) }
            forged[index] = .object(object)
            return try await truth.differences(from: forged, renamed: names)
        }
        let shown = runs[index]["name"].string
        #expect(try await differences([:]) == [])
        #expect(try await differences(["stale": true]) == ["\(shown) is running, and stale"])
        #expect(try await differences(["state": "lost"]) == ["\(shown) is lost, and its container is there"])
        #expect(
            try await differences(["exit_code": 1]) == [
                "\(shown) is running with exit code 1, its container with no exit code"
            ]
        )
        #expect(
            try await differences(["container_id": .null]) == [
                "\(shown) is running, and its container is not there", "no run has the container /\(shown)",
            ]
        )
        #expect(try await truth.differences(from: runs + [runs[index]], renamed: names) == ["two runs have one name"])
        #expect(try await truth.differences(from: [], renamed: names).count == 7)
    }
}

import DockerEngine
import Foundation
import Testing

@testable import Berth

@Suite struct ContainerEndTests {
    private let id: ContainerID
    private var run: Run

    init() throws {
        id = try .example()
        run = try .example(state: .running, container: id)
        run.startedAt = Timestamp(milliseconds: 5_000)
    }

    private func event(
        _ action: String = "die",
        id: String? = nil,
        restart: String? = "no",
        exitCode: String? = "3",
        at milliseconds: Int64 = 6_000
    ) throws -> EngineEvent {
        var attributes = ["berth.run": "run1", "name": "web-run1"]
        attributes["berth.restart"] = restart
        attributes["exitCode"] = exitCode
        let json: [String: Any] = [
            "Type": "container", "Action": action, "timeNano": milliseconds * 1_000_000,
            "Actor": ["ID": id ?? self.id.description, "Attributes": attributes],
        ]
        return try JSONDecoder().decode(EngineEvent.self, from: JSONSerialization.data(withJSONObject: json))
    }

    private func end(of container: ContainerID? = nil, at milliseconds: Int64 = 6_000) throws -> ContainerEnd {
        try #require(ContainerEnd(event(id: container?.description, at: milliseconds)))
    }

    @Test func `An end event gives the exit code and the time`() throws {
        let ended = try #require(run.after(end()))
        #expect(ended.state == .exited)
        #expect(ended.exitCode == 3)
        #expect(ended.finishedAt == Timestamp(milliseconds: 6_000))
        #expect(ended.startedAt == run.startedAt)
    }

    @Test func `An event that does not say how the run ended is not an end`() throws {
        #expect(try ContainerEnd(event("stop")) == nil)
        #expect(try ContainerEnd(event(exitCode: nil)) == nil)
        #expect(try ContainerEnd(event(exitCode: "x")) == nil)
        #expect(try ContainerEnd(event(id: "short")) == nil)
    }

    @Test func `An end before the last start, or of another container, changes nothing`() throws {
        #expect(try run.after(end(at: 4_999)) == nil)
        #expect(try run.after(end(of: .example("b"))) == nil)
        #expect(try run.after(end(at: 5_000)) != nil)
    }

    @Test(arguments: RunState.allCases)
    func `Only a running run can end`(_ state: RunState) throws {
        var run = run
        run.state = state
        #expect(try (run.after(end()) != nil) == ([.running, .paused, .restarting].contains(state)))
    }

    @Test func `An end event does not change a run without a known start`() throws {
        var run = run
        run.startedAt = nil
        #expect(try run.after(end()) == nil)
    }

    @Test func `A run that its engine may restart does not end until its container is removed`() throws {
        for restart in ["always", nil] {
            let runs = RunCache([run])
            runs.end(run.id, try #require(ContainerEnd(event(restart: restart))))
            let entry = try #require(runs.entry(run.id))
            #expect(entry.run.state == .running)
            guard case .changed = runs.reconcile(run.id, revision: entry.revision, found: nil, now: .later) else {
                Issue.record("nothing changed")
                continue
            }
            let removed = try #require(runs.entry(run.id)?.run)
            #expect(removed.state == .removed)
            #expect(removed.exitCode == 3)
            #expect(removed.finishedAt == Timestamp(milliseconds: 6_000))
        }
    }

    @Test func `An end event does not change a locked run`() throws {
        let runs = RunCache([run])
        _ = runs.lock([run.id])
        runs.end(run.id, try end())
        #expect(runs.entry(run.id)?.run.state == .running)
        runs.unlock(run.id)
        runs.end(run.id, try end())
        #expect(runs.entry(run.id)?.run.state == .exited)
        #expect(runs.takeUnrecorded().map(\.exitCode) == [3])
    }
}

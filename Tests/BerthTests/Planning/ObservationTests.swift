import DockerEngine
import Testing

@testable import Berth

@Suite struct ObservationTests {
    private let id: ContainerID

    init() throws { id = try .example() }

    @Test(
        arguments: [
            ("created", .created), ("running", .running), ("paused", .paused), ("restarting", .restarting),
            ("removing", .removing), ("exited", .exited), ("dead", .exited), ("", .exited), ("novelty", .exited),
        ] as [(String, Observation.Phase)]
    )
    func `Docker's status words map to phases`(_ status: String, _ phase: Observation.Phase) throws {
        #expect(try Observation.example(status, id: id).phase == phase)
    }

    @Test func `The name has no leading slash, and the year 1 is read as no time`() throws {
        let observation = try Observation.example("created", id: id, name: "/web-a", startedAt: Observation.never)
        #expect(observation.name == "web-a")
        #expect(observation.id == id)
        #expect(observation.startedAt == nil)
        #expect(observation.finishedAt == nil)
    }

    @Test func `A run that was killed for its memory says so`() throws {
        let ended = try Observation.example(
            "exited",
            id: id,
            exitCode: 137,
            oomKilled: true,
            finishedAt: "2026-11-23T12:00:09Z"
        )
        let run = try Run.example(state: .running, container: id).after(ended)
        #expect(run.state == .exited)
        #expect(run.exitCode == 137)
        #expect(run.isOutOfMemory)
    }

    @Test func `A restarted run has no end, no exit code and no reason`() throws {
        var run = try Run.example(state: .lost, container: id)
        run.exitCode = 1
        run.finishedAt = .later
        run.reason = "lost"
        let again = run.after(try .example("running", id: id))
        #expect(again.state == .running)
        #expect(again.exitCode == nil)
        #expect(again.finishedAt == nil)
        #expect(again.reason == nil)
    }

    @Test func `An observed start is not forgotten`() throws {
        var run = try Run.example(state: .running, container: id)
        run.startedAt = .noon
        #expect(run.after(try .example("running", id: id, startedAt: Observation.never)).startedAt == .noon)
    }

    @Test
    func `A container that is called created after its start has ended, at an unknown time, without an exit code`()
        throws
    {
        // podman 4.3, after the host of a running container was restarted.
        let found = try Observation.example("created", id: id, startedAt: "2026-11-28T23:35:20.641140124Z")
        let run = try Run.example(state: .running, container: id).after(found)
        #expect(run.state == .exited)
        #expect(run.exitCode == nil)
        #expect(run.finishedAt == nil)
        #expect(run.reason?.isEmpty == false)
    }

    @Test(arguments: ["created", "removing"])
    func `A phase that says nothing about the run changes nothing`(_ status: String) throws {
        for state in RunState.allCases {
            let run = try Run.example(state: state)
            #expect(run.after(try .example(status, id: id)) == run)
        }
    }

    @Test(arguments: RunState.allCases)
    func `A run whose container vanished is removed if it had ended, lost if not, and unchanged if already over`(
        _ state: RunState
    ) throws {
        let run = try Run.example(state: state)
        let vanished = run.afterContainerVanished(at: .later)
        switch state {
        case .exited: #expect(vanished.state == .removed)
        case .failed, .lost, .removed: #expect(vanished == run)
        default:
            #expect(vanished.state == .lost)
            #expect(vanished.finishedAt == .later)
        }
    }

    @Test func `A lost run does not finish before its start, even if the engine's clock is ahead`() throws {
        var run = try Run.example(state: .running, container: id)
        run.startedAt = .later
        #expect(run.afterContainerVanished(at: .noon).finishedAt == .later)
    }

    @Test func `A failed run says why it failed and when`() throws {
        let run = try Run.example(state: .starting).failed(because: "no such image", at: .later)
        #expect(run.state == .failed)
        #expect(run.reason == "no such image")
        #expect(run.finishedAt == .later)
        #expect(run.exitCode == nil)
    }
}

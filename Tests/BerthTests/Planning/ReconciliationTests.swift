import DockerEngine
import FoundationEssentials
import Testing

@testable import Berth

@Suite struct ReconciliationTests {
    private let id: ContainerID

    init() throws { id = try .example() }

    private func settle(_ state: RunState, hasContainer: Bool, found status: String?) throws -> Reconciliation {
        let run = try Run.example(state: state, container: hasContainer ? id : nil)
        let observation = try status.map { status in
            try Observation.example(status, id: id, exitCode: 3, finishedAt: "2026-11-23T12:30:00Z")
        }
        return Reconciliation(of: run, found: observation, now: .later)
    }

    private func recorded(_ settlement: Reconciliation) throws -> Run {
        guard case .record(let run) = settlement else {
            Issue.record("\(settlement) records nothing")
            return try .example()
        }
        return run
    }

    @Test(arguments: [RunState.pending, .pulling, .starting])
    func `A run that was interrupted before it had a container has failed`(_ state: RunState) throws {
        let run = try recorded(settle(state, hasContainer: false, found: nil))
        #expect(run.state == .failed)
        #expect(run.finishedAt == .later)
        #expect(run.reason?.hasSuffix("Run the app again.") == true)
    }

    @Test(arguments: [RunState.pending, .pulling, .starting, .running, .paused, .restarting])
    func `A run whose container is gone is lost`(_ state: RunState) throws {
        let run = try recorded(settle(state, hasContainer: true, found: nil))
        #expect(run.state == .lost)
        #expect(run.finishedAt == .later)
        #expect(run.reason == "Its container was removed outside Berth.")
        #expect(run.containerID == id)
    }

    @Test func `A run that ended before its container was removed is removed`() throws {
        let run = try recorded(settle(.exited, hasContainer: true, found: nil))
        #expect(run.state == .removed)
        #expect(run.reason == nil)
    }

    @Test(arguments: [RunState.failed, .lost, .removed], [true, false])
    func `A finished run without a container does not change`(_ state: RunState, _ hasContainer: Bool) throws {
        #expect(try settle(state, hasContainer: hasContainer, found: nil) == .nothing)
    }

    @Test(arguments: [RunState.pending, .pulling, .starting], [true, false])
    func `A container that was created but never started is removed, and its run has failed`(
        _ state: RunState,
        _ hasContainer: Bool
    ) throws {
        guard case .remove(let run) = try settle(state, hasContainer: hasContainer, found: "created") else {
            Issue.record("nothing is removed")
            return
        }
        #expect(run.state == .failed)
        #expect(run.finishedAt == .later)
    }

    @Test func `A failed run's container is removed, and the run does not change`() throws {
        let run = try Run.example(state: .failed, container: id)
        let settlement = Reconciliation(of: run, found: try .example("created", id: id), now: .later)
        #expect(settlement == .remove(run))
    }

    @Test(arguments: [RunState.running, .paused, .restarting, .exited, .lost, .removed])
    func `A late report of a created container does not change a run that had started`(_ state: RunState) throws {
        #expect(try settle(state, hasContainer: true, found: "created") == .nothing)
    }

    @Test(arguments: RunState.allCases)
    func `A container that is being removed does not change its run yet`(_ state: RunState) throws {
        #expect(try settle(state, hasContainer: true, found: "removing") == .nothing)
    }

    @Test(
        arguments: RunState.allCases,
        [("running", .running), ("paused", .paused), ("restarting", .restarting)] as [(String, RunState)]
    )
    func `A run takes its container's state, whatever was recorded`(
        _ state: RunState,
        _ found: (status: String, state: RunState)
    ) throws {
        let run = try recorded(settle(state, hasContainer: false, found: found.status))
        #expect(run.state == found.state)
        #expect(run.containerID == id)
        #expect(run.startedAt?.description == "2026-11-23T12:00:01.500Z")
        #expect(run.finishedAt == nil)
        #expect(run.exitCode == nil)
    }

    @Test(arguments: RunState.allCases, ["exited", "dead"])
    func `A run whose container has ended has exited`(_ state: RunState, _ status: String) throws {
        let run = try recorded(settle(state, hasContainer: true, found: status))
        #expect(run.state == .exited)
        #expect(run.exitCode == 3)
        #expect(run.finishedAt?.description == "2026-11-23T12:30:00.000Z")
    }

    @Test func `A replaced container is found by its name, or because it is the only new one`() throws {
        func listed(_ digit: Character, _ name: String) throws -> ContainerSummary {
            let id = try ContainerID.example(digit)
            let json = #"{"Id":"\#(id)","Names":["/\#(name)"],"Image":"nginx","State":"running"}"#
            return try JSONDecoder().decode(ContainerSummary.self, from: Data(json.utf8))
        }
        let (own, other, named) = (try listed("a", "x"), try listed("b", "y"), try listed("c", "web-run1"))
        let run = try Run.example(state: .removed, container: id)
        #expect(run.successor(among: [own]) == nil)
        #expect(run.successor(among: [own, other]) == other.id)
        #expect(run.successor(among: [other, named]) == named.id)
        #expect(run.successor(among: [other, try listed("d", "z")]) == nil)
        let starting = try Run.example(state: .starting)
        #expect(starting.successor(among: [other]) == nil)
        #expect(starting.successor(among: [other, named]) == named.id)
        let taken = run.after(try .example("running", id: named.id, image: "busybox"))
        #expect(taken.state == .running && taken.containerID == named.id && taken.image == "busybox")
        #expect(run.after(try .example("running", id: id, image: "busybox")).image == "nginx")
    }

    @Test func `The engine's reason for a failed restart becomes the reason of the run's end`() throws {
        let run = try Run.example(state: .running, container: id)
        let ended = run.after(try .example("exited", id: id, exitCode: 128, failure: "port is taken"))
        #expect(ended.reason == "port is taken")
        #expect(ended.after(try .example("running", id: id)).reason == nil)
    }

    @Test(arguments: ["created", "running", "paused", "restarting", "exited", "removing"])
    func `A reconciled run does not change again`(_ status: String) throws {
        let observation = try Observation.example(status, id: id)
        for state in RunState.allCases {
            let run = try Run.example(state: state, container: id)
            guard case .record(let settled) = Reconciliation(of: run, found: observation, now: .noon) else { continue }
            #expect(Reconciliation(of: settled, found: observation, now: .later) == .nothing)
        }
    }

    @Test func `A reconciled run without a container does not change again`() throws {
        for state in RunState.allCases {
            let run = try Run.example(state: state, container: id)
            guard case .record(let settled) = Reconciliation(of: run, found: nil, now: .noon) else { continue }
            #expect(Reconciliation(of: settled, found: nil, now: .later) == .nothing)
        }
    }
}

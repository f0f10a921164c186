import DockerEngine
import TestSupport
import Testing

@testable import Berth

@Suite struct RunPlanTests {
    private let id: ContainerID
    private let missing = EngineError.status(404, message: "No such image: nginx:latest")
    private let taken = EngineError.status(409, message: "the name is in use")
    private let broken = EngineError.status(500, message: "exec: no such file")

    init() throws { id = try .example() }

    /// The steps of a plan that gets these outcomes in turn.
    private func steps(_ outcomes: RunPlan.Outcome...) -> [RunPlan.Step] {
        var plan = RunPlan()
        return [plan.first] + outcomes.map { plan.next(after: $0) }
    }

    @Test func `A run whose image is present is created and started`() {
        #expect(steps(.created(id), .done) == [.create, .start(id), .end(.started(id))])
    }

    @Test func `A run with the pull policy always pulls first`() {
        var plan = RunPlan(pullsFirst: true)
        #expect(plan.first == .pull)
        #expect(plan.next(after: .done) == .create)
        #expect(plan.next(after: .error(missing)) == .end(.failed(missing)))
    }

    @Test func `A container from an earlier attempt is started and not created again`() {
        var plan = RunPlan(found: id)
        #expect(plan.first == .start(id))
        #expect(plan.next(after: .done) == .end(.started(id)))
    }

    @Test func `If the run's own container holds the name, that container is started`() {
        #expect(
            steps(.error(taken), .created(id), .done) == [.create, .rename, .start(id), .end(.started(id))]
        )
    }

    @Test func `A cancelled run leaves no container`() {
        var plan = RunPlan()
        #expect(plan.cancel() == .end(.cancelled))
        plan = RunPlan()
        _ = plan.next(after: .error(missing))
        #expect(plan.cancel() == .end(.cancelled))
        plan = RunPlan(found: id)
        #expect(plan.cancel() == .remove(id))
        #expect(plan.next(after: .done) == .end(.cancelled))
    }

    @Test func `A run that the policy denies leaves no container`() {
        let end = RunPlan.End.denied(PolicyDenial(violations: [.init(rule: "images", reason: "a matches none")]))
        var plan = RunPlan()
        #expect(plan.cancel(end) == .end(end))
        plan = RunPlan(found: id)
        #expect(plan.cancel(end) == .remove(id))
        #expect(plan.next(after: .done) == .end(end))
        #expect("\(RunPlan.Step.end(end))" == "denied: images: a matches none")
    }

    @Test func `A missing image is pulled once`() {
        #expect(
            steps(.error(missing), .done, .created(id), .done)
                == [.create, .pull, .create, .start(id), .end(.started(id))]
        )
        #expect(steps(.error(missing), .done, .error(missing)) == [.create, .pull, .create, .end(.failed(missing))])
    }

    @Test(arguments: [
        EngineError.status(404, message: "manifest unknown"), .status(500, message: "toomanyrequests"),
        .timedOut(.seconds(600)), .unreachable("gone"), .undecodable("{"), .busy,
    ])
    func `A failed pull leaves no container, whatever the failure`(_ error: EngineError) {
        #expect(steps(.error(missing), .error(error)) == [.create, .pull, .end(.failed(error))])
    }

    @Test func `A name that is taken is changed, up to five times`() {
        var plan = RunPlan()
        var step = plan.first
        for _ in 0..<5 {
            #expect(step == .create)
            #expect(plan.next(after: .error(taken)) == .rename)
            step = plan.next(after: .done)
        }
        #expect(step == .create)
        #expect(plan.next(after: .error(taken)) == .end(.failed(taken)))
    }

    @Test func `A name that is taken before or after the pull does not cause another pull`() {
        #expect(
            steps(.error(missing), .done, .error(taken), .done, .created(id), .done)
                == [.create, .pull, .create, .rename, .create, .start(id), .end(.started(id))]
        )
        #expect(
            steps(.error(missing), .done, .error(taken), .done, .error(missing)).last == .end(.failed(missing))
        )
        #expect(steps(.error(taken), .done, .error(missing)).last == .pull)
    }

    @Test(arguments: [
        RunPlan.Outcome.done, .error(.status(500, message: "busy")), .error(.unreachable("gone")),
        .error(.timedOut(.seconds(10))),
    ])
    func `A run that cannot be started fails and its container is removed, even if the removal fails`(
        _ removal: RunPlan.Outcome
    ) {
        #expect(
            steps(.created(id), .error(broken), removal)
                == [.create, .start(id), .remove(id), .end(.failed(broken))]
        )
    }

    @Test(arguments: [
        EngineError.unreachable("reset"), .timedOut(.seconds(30)), .undecodable("not JSON"),
    ])
    func `A create or start with an unknown outcome stays open, and nothing is removed`(_ error: EngineError) {
        #expect(steps(.error(error)) == [.create, .end(.open(error))])
        #expect(steps(.created(id), .error(error)) == [.create, .start(id), .end(.open(error))])
    }

    @Test(arguments: [EngineError.busy, .status(400, message: "bad"), .status(500, message: "no space left")])
    func `A refused create fails the run`(_ error: EngineError) {
        #expect(steps(.error(error)) == [.create, .end(.failed(error))])
    }

    @Test func `A plan's description lists the steps to a started container`() {
        #expect("\(RunPlan())" == "create, start")
        #expect("\(RunPlan(pullsFirst: true))" == "pull, create, start")
        #expect("\(RunPlan(found: id))" == "start")
        #expect("\(RunPlan.Step.end(.failed(broken)))" == "failed: \(broken.reason)")
    }

    @Test func `Any sequence of outcomes ends within 20 steps, and never as started without a start`() {
        var generator = SeededGenerator(seed: 4)
        let outcomes: [RunPlan.Outcome] = [
            .done, .created(id), .error(missing), .error(taken), .error(broken), .error(.busy),
            .error(.unreachable("")), .error(.timedOut(.zero)), .error(.undecodable("")),
        ]
        for _ in 0..<20_000 {
            var plan = RunPlan()
            var taken = [plan.first]
            while taken.count <= 20, !Self.isEnd(taken[taken.count - 1]) {
                taken.append(plan.next(after: outcomes.randomElement(using: &generator) ?? .done))
            }
            #expect(Self.isEnd(taken[taken.count - 1]))
            let claimsStarted = taken.contains { if case .end(.started) = $0 { true } else { false } }
            #expect(!claimsStarted || taken.contains(.start(id)))
        }
    }

    @Test func `Every outcome in every state ends or continues the plan, even after the end`() {
        let outcomes: [RunPlan.Outcome] = [
            .done, .created(id), .error(missing), .error(taken), .error(.unreachable("")),
        ]
        let ways: [[RunPlan.Outcome]] = [
            [], [.error(missing)], [.error(taken)], [.created(id)], [.created(id), .error(broken)],
            [.created(id), .done],
        ]
        for way in ways {
            for first in outcomes {
                for second in outcomes {
                    var plan = RunPlan()
                    for outcome in way { _ = plan.next(after: outcome) }
                    let step = plan.next(after: first)
                    let next = plan.next(after: second)
                    #expect(!Self.isEnd(step) || Self.isEnd(next))
                }
            }
        }
    }

    private static func isEnd(_ step: RunPlan.Step) -> Bool { if case .end = step { true } else { false } }
}

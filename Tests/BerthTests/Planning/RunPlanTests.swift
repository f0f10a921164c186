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

    /// The steps of a plan to which these outcomes happen in turn.
    private func steps(_ outcomes: RunPlan.Outcome...) -> [RunPlan.Step] {
        var plan = RunPlan()
        return [plan.first] + outcomes.map { plan.next(after: $0) }
    }

    @Test func `A run whose image is there is created and started`() {
        #expect(steps(.created(id), .done) == [.create, .start(id), .end(.started(id))])
    }

    @Test func `A run that always pulls does so before anything else`() {
        var plan = RunPlan(pullsFirst: true)
        #expect(plan.first == .pull)
        #expect(plan.next(after: .done) == .create)
        #expect(plan.next(after: .error(missing)) == .end(.failed(missing)))
    }

    @Test func `What an earlier attempt has made is started and not made again`() {
        var plan = RunPlan(found: id)
        #expect(plan.first == .start(id))
        #expect(plan.next(after: .done) == .end(.started(id)))
    }

    @Test func `Where the run's own container holds the name, it is the one that is started`() {
        #expect(
            steps(.error(taken), .created(id), .done) == [.create, .rename, .start(id), .end(.started(id))]
        )
    }

    @Test func `A run that nobody wants any more leaves no container`() {
        var plan = RunPlan()
        #expect(plan.cancel() == .end(.cancelled))
        plan = RunPlan()
        _ = plan.next(after: .error(missing))
        #expect(plan.cancel() == .end(.cancelled))
        plan = RunPlan(found: id)
        #expect(plan.cancel() == .remove(id))
        #expect(plan.next(after: .done) == .end(.cancelled))
    }

    @Test func `A missing image is pulled, once`() {
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
    func `A pull that fails, however it does, leaves no container`(_ error: EngineError) {
        #expect(steps(.error(missing), .error(error)) == [.create, .pull, .end(.failed(error))])
    }

    @Test func `A name that is taken is changed, five times`() {
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

    @Test func `A name that is taken before or after the pull is no reason to pull again`() {
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
    func `What cannot be started is removed and has failed, whatever the removal says`(_ removal: RunPlan.Outcome) {
        #expect(
            steps(.created(id), .error(broken), removal)
                == [.create, .start(id), .remove(id), .end(.failed(broken))]
        )
    }

    @Test(arguments: [
        EngineError.unreachable("reset"), .timedOut(.seconds(30)), .undecodable("not JSON"),
    ])
    func `A create or start of which nobody knows stays open, and nothing is removed`(_ error: EngineError) {
        #expect(steps(.error(error)) == [.create, .end(.open(error))])
        #expect(steps(.created(id), .error(error)) == [.create, .start(id), .end(.open(error))])
    }

    @Test(arguments: [EngineError.busy, .status(400, message: "bad"), .status(500, message: "no space left")])
    func `A create that was refused has failed`(_ error: EngineError) {
        #expect(steps(.error(error)) == [.create, .end(.failed(error))])
    }

    @Test func `A plan says which steps lead to a started container`() {
        #expect("\(RunPlan())" == "create, start")
        #expect("\(RunPlan(pullsFirst: true))" == "pull, create, start")
        #expect("\(RunPlan(found: id))" == "start")
        #expect("\(RunPlan.Step.end(.failed(broken)))" == "failed: \(broken.reason)")
    }

    @Test func `Any outcomes in any order end within 20 steps, and not as started without a start`() {
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

    @Test func `Every outcome in every state ends or goes on, also after the end`() {
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

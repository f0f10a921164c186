import Testing

@testable import Berth

@Suite struct RunActionTests {
    @Test(arguments: [
        (RunAction.stop, [RunState.running, .paused, .restarting]), (.start, [.exited]),
        (.restart, [.running, .restarting, .exited]), (.kill, [.running, .paused, .restarting]),
        (.pause, [.running]), (.unpause, [.paused]),
    ])
    func `Each action is possible only in these states`(action: RunAction, states: [RunState]) {
        for state in RunState.allCases {
            #expect((action.verdict(in: state) == .possible) == states.contains(state), "\(state)")
        }
    }

    @Test(arguments: [
        (RunAction.stop, RunState.exited), (.start, .running), (.pause, .paused), (.unpause, .running),
    ])
    func `An action whose result is already reached is no error`(action: RunAction, state: RunState) {
        #expect(action.verdict(in: state) == .nothingToDo)
    }

    @Test func `An impossible action's error says what to do instead`() {
        for action in RunAction.allCases {
            for state in RunState.allCases {
                guard case .impossible(let reason) = action.verdict(in: state) else { continue }
                #expect(reason.hasSuffix("."), "\(action) \(state)")
                #expect(reason.contains(";") || reason.contains("already"), "\(action) \(state)")
            }
        }
    }
}

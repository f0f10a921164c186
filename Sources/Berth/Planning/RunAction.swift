/// What can be done with a run that has been started.
package enum RunAction: String, Sendable, CaseIterable {
    /// Its stop signal, and SIGKILL after its stop timeout.
    case stop
    case start
    case restart
    case kill
    case pause
    case unpause

    /// Whether the action is possible, and whether there is anything to do.
    enum Verdict: Sendable, Equatable {
        case possible
        /// It is so already.
        case nothingToDo
        /// Not in this state, and what to do instead.
        case impossible(String)
    }

    /// Whether it ends a start that is under way.
    var cancelsStart: Bool { self == .stop || self == .kill }

    func verdict(in state: RunState) -> Verdict {
        switch (self, state) {
        case (_, .pending), (_, .pulling), (_, .starting):
            .impossible("It is being started; try again once it runs.")
        case (_, .failed), (_, .lost), (_, .removed):
            .impossible("It has no container any more; run the app again.")
        case (.stop, .exited), (.start, .running), (.pause, .paused), (.unpause, .running): .nothingToDo
        case (.start, .paused): .impossible("It is paused; unpause it.")
        case (.kill, .exited): .impossible("It has ended already.")
        case (.pause, .exited), (.unpause, .exited): .impossible("It has ended; start it first.")
        case (.pause, .restarting), (.unpause, .restarting), (.start, .restarting):
            .impossible("The engine is about to start it again; stop it, or try again once it runs.")
        case (.restart, .paused): .impossible("It is paused; unpause it first.")
        case (.stop, _), (.start, .exited), (.restart, _), (.kill, _), (.pause, .running), (.unpause, .paused):
            .possible
        }
    }
}

/// An action on a run that has been started.
package enum RunAction: String, Sendable, CaseIterable {
    /// Sends the stop signal, and SIGKILL after the stop timeout.
    case stop
    case start
    case restart
    case kill
    case pause
    case unpause

    /// Whether the action is possible and necessary.
    enum Verdict: Sendable, Equatable {
        case possible
        /// The run is in the requested state already.
        case nothingToDo
        /// Impossible in this state; the text says what to do instead.
        case impossible(String)
    }

    /// Whether the action cancels a start in progress.
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

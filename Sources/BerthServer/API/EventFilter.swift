import Berth

/// Which events are wanted: those of the runs that match, and of what was named itself.
struct EventFilter: Sendable {
    let runs: RunFilter

    func matches(_ subject: Change.Subject) -> Bool {
        switch subject {
        case .run(let run, _), .runDeleted(let run): runs.matches(run)
        case .app(let app): wants(app.name)
        case .appDeleted(let name): wants(name)
        case .host(let name): wants(name)
        }
    }

    /// Whether an app's own changes are wanted: not by who asked for one run, or for one host.
    func wants(_ app: AppName) -> Bool {
        runs.name == nil && runs.host == nil && (runs.app == nil || runs.app == app)
    }

    func wants(_ host: HostName) -> Bool {
        runs.name == nil && runs.app == nil && (runs.host == nil || runs.host == host)
    }
}

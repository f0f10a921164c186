import Berth

/// Selects events: those of matching runs, and those of an app or a host that was named itself.
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

    /// Whether an app's own changes are selected; they are not if the filter names a run or a host.
    func wants(_ app: AppName) -> Bool {
        runs.name == nil && runs.host == nil && (runs.app == nil || runs.app == app)
    }

    func wants(_ host: HostName) -> Bool {
        runs.name == nil && runs.app == nil && (runs.host == nil || runs.host == host)
    }
}

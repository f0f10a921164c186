import Berth

// A filter of events selects those of matching runs, and those of an app or a host that was named itself.
extension RunFilter {
    func matches(_ subject: Change.Subject) -> Bool {
        switch subject {
        case .run(let run, _), .runDeleted(let run): matches(run)
        case .app(let app): wants(app.name)
        case .appDeleted(let name): wants(name)
        case .host(let name), .hostDeleted(let name): wants(name)
        }
    }

    /// Whether an app's own changes are selected; they are not if the filter names a run or a host.
    func wants(_ app: AppName) -> Bool {
        name == nil && host == nil && (self.app == nil || self.app == app) && scope.contains(app)
    }

    func wants(_ host: HostName) -> Bool {
        name == nil && app == nil && (self.host == nil || self.host == host)
    }
}

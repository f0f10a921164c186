import Berth
import JSON

extension QueryReader {
    /// The filter for the runs or events that the principal may see; nil if none can match, such as for an invalid app name.
    ///
    /// A parameter that its route does not take was rejected before.
    mutating func runFilter(for principal: Principal) -> RunFilter? {
        var filter = RunFilter(in: principal.scope)
        filter.state = optional("state", .choice(of: RunState.allCases.map(\.rawValue))).flatMap {
            RunState(rawValue: $0)
        }
        filter.status = optional("status", .choice(of: ["R", "F"])).flatMap { RunStatus(rawValue: $0) }
        let (app, run, host) = (optional("app", .string()), optional("run", .string()), optional("host", .string()))
        filter.app = app.flatMap { try? AppName($0) }
        filter.name = run.flatMap { RunName($0) }
        filter.host = host.flatMap { try? HostName($0) }
        let isPossible =
            (app == nil || filter.app != nil) && (run == nil || filter.name != nil)
            && (host == nil || filter.host != nil)
        return isPossible ? filter : nil
    }
}

extension RunPosition {
    /// The text form of this place in the list; opaque to clients.
    var cursor: String { "\(createdAt.milliseconds)-\(id)" }

    /// Nil for a text that is no cursor.
    init?(cursor: String) {
        let parts = cursor.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), milliseconds >= 0, let id = RunID(String(parts[1]))
        else { return nil }
        self.init(createdAt: Timestamp(milliseconds: milliseconds), id: id)
        guard cursor.utf8.elementsEqual(self.cursor.utf8) else { return nil }
    }
}

/// A record or a notice of the output of an app's runs.
package struct AppLogItem: Sendable, Equatable {
    /// Nil for a notice about runs that are left out.
    package let run: RunName?
    package let item: LogItem
    /// Nil for a notice.
    package let position: LogPosition?

    init(_ item: LogItem, of run: RunName?, at position: LogPosition? = nil) {
        self.run = run
        self.item = item
        self.position = position
    }

    /// From where a client that received this record resumes; nil for a notice.
    package var place: AppLogPosition? {
        guard let run, let position else { return nil }
        return AppLogPosition(run: run, position: position)
    }
}

/// The place of a record in the output of an app's runs.
package struct AppLogPosition: Sendable, Equatable, CustomStringConvertible {
    package let run: RunName
    package let position: LogPosition

    init(run: RunName, position: LogPosition) {
        self.run = run
        self.position = position
    }

    /// Nil for a text that ``description`` never is.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let position = LogPosition("\(parts[0])-\(parts[1])"),
            let run = RunName(String(parts[2]))
        else { return nil }
        self.init(run: run, position: position)
    }

    package var description: String { "\(position)-\(run)" }
}

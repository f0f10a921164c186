import Synchronization

/// The output of an app's runs, for one reader: of those that run, and, if it is followed, of those that start later.
package final class AppLog: Sendable {
    private enum Message: Sendable {
        case items(RunID, [AppLogItem])
        case ended(RunID)
        case changed(Run)
        case forgotten(RunID)
        /// Some changes are unknown.
        case missedChanges
        case appDeleted
    }

    private let app: AppName
    private let logs: Logs
    /// All later changes are unknown to `followed`.
    private let lastChange: Int64
    /// Nil if it is not followed.
    private let followed: FollowedRuns?
    /// What was written until now; empty once it is read, as a reader may follow for days.
    private let history: Mutex<[AppLogItem]>

    /// How many items of the history are sent at once.
    private static let batch = 512

    init(of app: AppName, _ logs: Logs, after lastChange: Int64, history: [AppLogItem], followed: FollowedRuns?) {
        self.app = app
        self.logs = logs
        self.lastChange = lastChange
        self.followed = followed
        self.history = Mutex(history)
    }

    /// Passes what was written until now to `send`, by time, and then new output in the order in which it arrives;
    /// while there is none, an empty list from time to time.
    ///
    /// Can be read once.
    ///
    /// - Throws: what `send` throws, and `CancellationError`.
    package func read(_ send: ([AppLogItem]) async throws -> Void) async throws {
        try await readHistory(send)
        if let followed { try await follow(followed, send) }
    }

    private func readHistory(_ send: ([AppLogItem]) async throws -> Void) async throws {
        var rest = history.withLock { history in
            defer { history = [] }
            return history[...]
        }
        while !rest.isEmpty {
            try await send(Array(rest.prefix(Self.batch)))
            rest = rest.dropFirst(Self.batch)
        }
    }

    /// Passes new output to `send` until the app is deleted.
    private func follow(_ followed: FollowedRuns, _ send: ([AppLogItem]) async throws -> Void) async throws {
        // A value has the output of one read, so that they are few. While they wait, their readers do as well.
        let mailbox = LogMailbox<Message>(limit: 8)
        try await withThrowingDiscardingTaskGroup { group in
            defer { group.cancelAll() }
            group.addTask { try? await self.watch(mailbox) }
            var followed = followed
            var isDeleted = false
            var lastSent = ContinuousClock.now
            while !isDeleted || followed.count > 0 {
                for start in followed.takeStarts() { group.addTask { try? await self.follow(start, mailbox) } }
                let messages = try await mailbox.take(within: lastSent + LogReader.pause - .now)
                if messages.isEmpty, followed.isPast(at: .now()) { return }
                var items: [AppLogItem] = []
                for message in messages {
                    if case .missedChanges = message { isDeleted = try await logs.store.app(app) == nil }
                    if case .appDeleted = message { isDeleted = true }
                    items += apply(message, to: &followed)
                }
                if isDeleted { followed.stopWaiting() }
                // Also messages without output are a pause.
                guard !items.isEmpty || lastSent + LogReader.pause <= .now else { continue }
                try await send(items)
                lastSent = .now
            }
        }
    }

    private func apply(_ message: Message, to followed: inout FollowedRuns) -> [AppLogItem] {
        switch message {
        case .items(let id, let items):
            if let position = items.last(where: { $0.position != nil })?.position { followed.advance(id, to: position) }
            if items.contains(where: { $0.item == .restarted }) {
                followed.restarted(id, at: logs.runs.entry(id)?.run.startedAt)
            }
            return items
        case .ended(let id):
            followed.ended(id)
            // It may have started again meanwhile.
            if let run = logs.runs.entry(id)?.run { followed.update(run) } else { followed.forget(id) }
        case .changed(let run): followed.update(run)
        case .forgotten(let id): followed.forget(id)
        case .missedChanges: for run in logs.runs.runs(of: app) { followed.update(run) }
        case .appDeleted: break
        }
        return []
    }

    /// Sends the changes of the app's runs.
    private func watch(_ mailbox: LogMailbox<Message>) async throws {
        let feed = logs.runs.feed
        var position = lastChange
        while !Task.isCancelled {
            let isEnd = try await feed.withReader(after: position) { reader in
                while true {
                    switch await reader.next(within: .seconds(3600)) {
                    case .changes(let changes):
                        for message in changes.compactMap(message) { try await mailbox.put(message) }
                    case .quiet: continue
                    case .missed: return false
                    case .end: return true
                    }
                }
            }
            if isEnd { return }
            position = feed.last
            try await mailbox.put(.missedChanges)
        }
    }

    private func message(_ change: Change) -> Message? {
        switch change.subject {
        case .run(let run, _) where run.app == app: .changed(run)
        case .runDeleted(let run) where run.app == app: .forgotten(run.id)
        case .appDeleted(app): .appDeleted
        default: nil
        }
    }

    /// Sends the output of a run until it has ended, also over times in which its host cannot be reached.
    private func follow(_ start: FollowedRuns.Start, _ mailbox: LogMailbox<Message>) async throws {
        func notify(_ item: LogItem) async throws {
            try await mailbox.put(.items(start.id, [AppLogItem(item, of: start.name)]))
        }
        var cursor = LogCursor(after: start.position)
        var query = start.query
        var backoff = Backoff(longest: .seconds(15))
        var generator = SystemRandomNumberGenerator()
        var isAvailable = true
        if let notice = start.notice { try await notify(notice) }
        while true {
            do {
                if let position = cursor.position { (query.since, query.tail) = (position.time, nil) }
                cursor.rewind()
                try await logs.open(start.name, query).read { items in
                    if !items.isEmpty { (isAvailable, backoff) = (true, Backoff(longest: .seconds(15))) }
                    let new = items.compactMap { cursor.item($0, of: start.name) }
                    if !new.isEmpty { try await mailbox.put(.items(start.id, new)) }
                }
                break
            } catch let error as CancellationError {
                throw error
            } catch {
                guard logs.runs.entry(start.id)?.run.state.status == .running else { break }
                if isAvailable { try await notify(.unavailable) }
                isAvailable = false
                try await Task.sleep(for: backoff.next(using: &generator))
            }
        }
        try await mailbox.put(.ended(start.id))
    }
}

extension LogCursor {
    /// Nil for a record that was read before.
    fileprivate mutating func item(_ item: LogItem, of run: RunName) -> AppLogItem? {
        guard case .record(let record) = item else { return AppLogItem(item, of: run) }
        return next(record).map { AppLogItem(item, of: run, at: $0) }
    }
}

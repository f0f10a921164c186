import DockerEngine
package import NIOCore

/// The output of one run, for one reader.
package struct RunLog: Sendable {
    enum Source: Sendable {
        case container(LoggedContainer)
        case followed(RunID, LoggedContainer, LogFollowers)
        case starting(RunName, Logs)
        case kept(KeptLog)
    }

    let query: LogQuery
    let source: Source
}

extension RunLog {
    /// Passes the output to `send` as it was written, without times.
    ///
    /// Only for a log that is not followed.
    package func readBytes(_ send: (ByteBuffer) async throws -> Void) async throws {
        if case .container(let container) = source {
            for try await chunk in try await container.output(query, hasTimes: false) { try await send(chunk.bytes) }
            return
        }
        try await read { items in
            for case .record(let record) in items {
                var bytes = record.message
                if !record.isPartial { bytes.writeInteger(UInt8(ascii: "\n")) }
                try await send(bytes)
            }
        }
    }

    /// Passes the output to `send`, in order; while there is no new output, an empty list from time to time.
    package func read(_ send: ([LogItem]) async throws -> Void) async throws {
        switch source {
        case .container(let container): _ = try await readHistory(of: container, send)
        case .followed(let run, let container, let followers):
            try await followers.withReader(of: run) { reader in
                // What was written before now; the reader has all that was written since, and maybe the end of it.
                let last = try await readHistory(of: container, send)
                try await follow(&reader, after: last, send)
            }
        case .starting(let name, let logs):
            try await logs.waitForStart(of: name)
            try await logs.open(name, query).read(send)
        case .kept(let log): try await send(items(of: log))
        }
    }

    private func readHistory(
        of container: LoggedContainer,
        _ send: ([LogItem]) async throws -> Void
    ) async throws -> LastRecord {
        var lines = LogLines()
        var last = LastRecord()
        func pass(_ records: [LogRecord]) async throws {
            if query.follow { for record in records { last.add(record) } }
            if !records.isEmpty, query.tail != 0 { try await send(records.map { .record($0) }) }
        }
        for try await chunk in try await container.output(query, hasTimes: true) { try await pass(lines.append(chunk)) }
        try await pass(lines.finish())
        return last
    }

    private func follow(
        _ reader: inout LogReader,
        after last: LastRecord,
        _ send: ([LogItem]) async throws -> Void
    ) async throws {
        /// How often the last record of the history is still to come in the feed; new output follows it.
        var repeats = last.count - reader.countBefore { $0.fingerprint == last.fingerprint }
        /// Whether the last record of the history may have left the feed before this reader came to it.
        var mayHaveMissed = false
        while let items = try await reader.next() {
            var wanted: [LogItem] = []
            for item in items {
                guard case .record(let record) = item else {
                    if case .lagged = item, repeats > 0 { mayHaveMissed = true } else { wanted.append(item) }
                    continue
                }
                if repeats > 0 {
                    if item.fingerprint == last.fingerprint { repeats -= 1 }
                    guard mayHaveMissed, let time = last.fingerprint?.time, record.time > time else { continue }
                    repeats = 0
                    wanted.append(.lagged)
                }
                if let until = query.until, record.time > until { return try await send(wanted) }
                if query.includes(record) { wanted.append(item) }
            }
            if !wanted.isEmpty || items.isEmpty { try await send(wanted) }
        }
    }

    private func items(of log: KeptLog) -> [LogItem] {
        let log = log.selected(by: query)
        let wanted = query.tail.map { log.records.suffix($0) } ?? log.records[...]
        let isShorter = query.tail.map { $0 <= log.records.count } ?? false
        return (log.isComplete || isShorter ? [] : [.gap]) + wanted.map { .record($0) }
    }
}

extension LogItem {
    fileprivate var fingerprint: LogFingerprint? {
        if case .record(let record) = self { LogFingerprint(record) } else { nil }
    }
}

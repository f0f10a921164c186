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
    /// How much of what was written before is passed on at once, since engines send each line by itself.
    private static let batchBytes = 64 << 10
    private static let batchRecords = 1024

    /// Passes the output to `send` as it was written, without times.
    ///
    /// Only for a log that is not followed.
    package func readBytes(_ send: (ByteBuffer) async throws -> Void) async throws {
        if case .container(let container) = source {
            var batch = ByteBuffer()
            for try await chunk in try await container.output(query, hasTimes: false) {
                batch.writeImmutableBuffer(chunk.bytes)
                guard batch.readableBytes >= Self.batchBytes else { continue }
                try await send(batch)
                batch = ByteBuffer()
            }
            return try await send(batch)
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
                var present = try await reader.open()
                while present == nil {
                    try await send([])
                    present = try await reader.open()
                }
                // What was written before now; the reader gets all that was written since, and maybe the end of it.
                var join = try await readHistory(of: container, send)
                join.finish(after: present ?? [])
                present = nil
                try await follow(&reader, &join, send)
            }
        case .starting(let name, let logs):
            while try await logs.runs.wait(for: name, until: .started, atMost: LogReader.pause) == nil {
                try await send([])
            }
            try await logs.open(name, query).read(send)
        case .kept(let log): try await send(items(of: log))
        }
    }

    /// Whether the run has finished, and nothing comes after this position; false if that cannot be read.
    ///
    /// Only for a log that is followed.
    package func ends(at position: LogPosition) async throws -> Bool {
        switch source {
        case .container, .kept: break
        case .followed, .starting: return false
        }
        struct HasMore: Error {}
        var cursor = LogCursor(after: position)
        do {
            try await read { items in
                for case .record(let record) in items where cursor.next(record) != nil { throw HasMore() }
            }
            return true
        } catch is HasMore {
            return false
        } catch is EngineError {
            return false
        }
    }

    private func readHistory(
        of container: LoggedContainer,
        _ send: ([LogItem]) async throws -> Void
    ) async throws -> LogJoin {
        var lines = LogLines()
        var join = LogJoin()
        var batch: [LogItem] = []
        var size = 0
        func add(_ records: [LogRecord]) {
            if query.follow { for record in records { join.add(record) } }
            guard query.tail != 0 else { return }
            for record in records where query.includes(record) {
                batch.append(.record(record))
                size += record.message.readableBytes
            }
        }
        for try await chunk in try await container.output(query, hasTimes: true) {
            add(lines.append(chunk))
            guard size >= Self.batchBytes || batch.count >= Self.batchRecords else { continue }
            try await send(batch)
            (batch, size) = ([], 0)
        }
        add(lines.finish())
        if !batch.isEmpty { try await send(batch) }
        return join
    }

    private func follow(
        _ reader: inout LogReader,
        _ join: inout LogJoin,
        _ send: ([LogItem]) async throws -> Void
    ) async throws {
        var lastSent = ContinuousClock.now
        while let items = try await reader.next(within: lastSent + LogReader.pause - .now) {
            if items.isEmpty, query.isPast(at: .now()) { return }
            var wanted: [LogItem] = []
            for item in items {
                if case .record(let record) = item, let until = query.until, record.time > until {
                    return try await send(wanted)
                }
                wanted += join.next(item).filter(query.includes)
            }
            // Also output that is not asked for is a pause.
            guard !wanted.isEmpty || lastSent + LogReader.pause <= .now else { continue }
            try await send(wanted)
            lastSent = .now
        }
    }

    private func items(of log: KeptLog) -> [LogItem] {
        let log = log.selected(by: query)
        let wanted = query.tail.map { log.records.suffix($0) } ?? log.records[...]
        let isShorter = query.tail.map { $0 <= log.records.count } ?? false
        return (log.isComplete || isShorter ? [] : [.gap]) + wanted.map { .record($0) }
    }
}

import DockerEngine

// The output of all runs of an app.
extension Logs {
    /// How many runs are read, and how many are followed at once.
    static let maximumRuns = 100
    /// How many runs are read at the same time.
    private static let parallel = 8
    /// How long reading them all takes at most; the output of the others cannot be read then.
    private static let deadline = Duration.seconds(30)

    /// Collects the last output of the app's runs, to read it and to go on with new output.
    ///
    /// Reads the last ``KeptLog/limit`` bytes of each run. Running runs come first, then those that have finished, in
    /// both cases the newest ones.
    ///
    /// - Parameter resumed: the last record that the reader received before; what came before it is left out.
    /// - Throws: `BerthError`: `appNotFound`; the first error if no run's output can be read.
    package func open(_ app: AppName, _ query: LogQuery, after resumed: AppLogPosition? = nil) async throws -> AppLog {
        _ = try await store.existingApp(app)
        let lastChange = runs.feed.last
        let started = runs.runs(of: app).filter(\.state.hasStarted)
        let ordered = started.filter { $0.state.status == .finished } + started.filter { $0.state.status == .running }
        let (read, leftOut) = (ordered.suffix(Self.maximumRuns), ordered.dropLast(Self.maximumRuns))
        var followed = FollowedRuns(query, maximum: Self.maximumRuns)
        for run in leftOut { followed.addLeftOut(run) }
        let items = try await collections.withPermit {
            try await history(of: read, query, after: resumed, &followed)
        }
        return AppLog(
            of: app,
            self,
            after: lastChange,
            history: (leftOut.isEmpty ? [] : [AppLogItem(.gap, of: nil)]) + items,
            followed: query.follow && !query.isPast(at: .now()) ? followed : nil
        )
    }

    private func history(
        of runs: ArraySlice<Run>,
        _ query: LogQuery,
        after resumed: AppLogPosition?,
        _ followed: inout FollowedRuns
    ) async throws -> [AppLogItem] {
        var merged = MergedLog(tail: resumed == nil ? query.tail : nil)
        var notices: [AppLogItem] = []
        var failures: [BerthError] = []
        func add(_ run: Run, _ log: Result<KeptLog, BerthError>) {
            let position = resumed.flatMap { $0.run == run.name ? $0.position : nil }
            var own = self.query(query, of: run, after: resumed)
            switch log {
            case .success(let log):
                merged.add(log, of: run.name, after: position)
                // All later output is new, also if nothing was there.
                own.tail = nil
                followed.add(run, own, after: log.last ?? position)
            case .failure(let error):
                failures.append(error)
                // A follower tries again, and says so itself.
                if !query.follow || run.state.status == .finished {
                    notices.append(AppLogItem(.unavailable, of: run.name))
                }
                followed.add(run, own, after: position)
            }
        }
        let end = ContinuousClock.now + Self.deadline
        try await withThrowingTaskGroup(of: (Run, Result<KeptLog, BerthError>).self) { group in
            var rest = runs
            func addTask() {
                guard let run = rest.popFirst() else { return }
                let own = self.query(query, of: run, after: resumed)
                group.addTask { (run, try await recent(of: run, own, until: end)) }
            }
            for _ in 0..<Self.parallel { addTask() }
            while let (run, log) = try await group.next() {
                addTask()
                add(run, log)
            }
        }
        if let failure = failures.first, failures.count == runs.count { throw failure }
        return notices + merged.takeItems()
    }

    /// The last output of a run that the query asks for.
    private func recent(
        of run: Run,
        _ query: LogQuery,
        until end: ContinuousClock.Instant
    ) async throws -> Result<KeptLog, BerthError> {
        if run.state == .exited, let finishedAt = run.finishedAt, let since = query.since,
            LogTime(finishedAt).advanced(by: .seconds(1)) < since
        {
            return .success(KeptLog())
        }
        do {
            let log = try await withContainer(of: run) { container, engine in
                try await withDeadline(max(end - .now, .zero)) { try await Self.end(of: container, on: engine, query) }
            }
            if let log { return .success(log) }
            return .success(try await store.log(of: run.id)?.selected(by: query) ?? KeptLog())
        } catch let error as BerthError {
            return .failure(error)
        }
    }

    /// What is asked of one run.
    ///
    /// A follower gets records as they arrive, so those of other runs that came before the last one that it received
    /// may be missing: it gets some of them again. The clocks of hosts differ.
    private func query(_ query: LogQuery, of run: Run, after resumed: AppLogPosition?) -> LogQuery {
        guard let resumed else { return query }
        var own = query
        own.tail = nil
        own.since = resumed.position.time
        if run.name != resumed.run {
            let other = runs.entry(named: resumed.run)?.run.host
            let skew = clockSkew(of: run.host) - (other.map(clockSkew) ?? .zero)
            let time = resumed.position.time.advanced(by: query.follow ? skew - Self.overlap : skew)
            own.since = max(time, query.since ?? time)
        }
        return own
    }

    /// How long the output of a run may take longer to arrive than that of another.
    private static let overlap = Duration.seconds(2)

    private func clockSkew(of host: HostName) -> Duration {
        (try? hosts.host(host).status.facts?.clockSkew) ?? .zero
    }
}

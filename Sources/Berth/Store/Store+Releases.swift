extension Store {
    /// At most `limit` releases of the app, the newest first, those before `number`.
    ///
    /// None when there is no such app.
    func releases(of app: AppName, before number: Int, limit: Int) async throws -> [Release] {
        try await database.read { connection in
            try connection.rows(
                "\(selectRelease) WHERE app = ? AND number < ? ORDER BY number DESC LIMIT ?",
                [.text(app), .integer(number), .integer(limit)]
            ).map(release(from:))
        }
    }

    /// The release, or nil if there is none of that number.
    func release(_ number: Int, of app: AppName) async throws -> Release? {
        try await database.read { try $0.release(number, of: app) }
    }
}

extension SQLConnection {
    func release(_ number: Int, of app: AppName) throws -> Release? {
        try rows("\(selectRelease) WHERE app = ? AND number = ?", [.text(app), .integer(number)])
            .first.map(Berth.release(from:))
    }

    /// The number of the release that an earlier attempt of this operation has made.
    func release(of app: AppName, madeBy operation: IdempotentRequest?) throws -> Int? {
        guard let operation, operation.isRepeated else { return nil }
        return try rows(
            "SELECT number FROM releases WHERE app = ? AND operation = ?",
            [.text(app), .text(operation.id)]
        ).first?.integer(0)
    }

    func newestRelease(of app: AppName) throws -> Int {
        try rows("SELECT COALESCE(MAX(number), 0) FROM releases WHERE app = ?", [.text(app)])[0].integer(0)
    }

    /// - Parameter text: of its settings.
    func add(_ release: Release, settings text: String, by operation: IdempotentRequest?) throws {
        try run(
            """
            INSERT INTO releases (app, number, settings, created_at, created_by, origin, restored, operation)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(release.app), .integer(release.number), .text(text), .time(release.createdAt),
                .text(release.createdBy), .text(release.origin.word), .integer(release.origin.restored),
                .text(operation?.id),
            ]
        )
    }
}

private let selectRelease = "SELECT app, number, settings, created_at, created_by, origin, restored FROM releases"

private func release(from row: SQLRow) throws -> Release {
    Release(
        app: try AppName(row.text(0)),
        number: try row.integer(1),
        settings: try AppSettings(stored: row.text(2)),
        createdAt: try row.time(3),
        createdBy: try row.optionalText(4),
        origin: try Release.Origin(word: row.optionalText(5), restored: row.optionalInteger(6), number: row.integer(1))
    )
}

extension Release.Origin {
    fileprivate var word: String {
        switch self {
        case .created: "created"
        case .changed: "changed"
        case .rolledBack: "rolled_back"
        case .adopted: "adopted"
        }
    }

    fileprivate var restored: Int? { if case .rolledBack(let number) = self { number } else { nil } }

    /// - Parameter word: nil for the releases of before this was kept.
    fileprivate init(word: String?, restored: Int?, number: Int) throws {
        switch (word, restored) {
        case (nil, _): self = number == 1 ? .created : .changed
        case ("created", _): self = .created
        case ("changed", _): self = .changed
        case ("rolled_back", let restored?): self = .rolledBack(to: restored)
        case ("adopted", _): self = .adopted
        default: throw StoreError.damaged("a release has no known origin")
        }
    }
}

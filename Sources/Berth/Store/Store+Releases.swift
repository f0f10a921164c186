import SQL

extension Store {
    /// At most `limit` releases of the app before `number`, newest first.
    ///
    /// Empty if the app does not exist.
    package func releases(of app: AppName, before number: Int, limit: Int) async throws -> [Release] {
        try await database.read { connection in
            try connection.rows(
                "\(selectRelease) WHERE app = ? AND number < ? ORDER BY number DESC LIMIT ?",
                [.text(app), .integer(number), .integer(limit)]
            ).map(release(from:))
        }
    }

    /// The images that releases name; those of one app in order, the newest first.
    func releasedImages() async throws -> [ReleasedImage] {
        try await database.read { connection in
            var images: [ReleasedImage] = []
            // App by app: settings are much longer than the image's name.
            for app in try connection.texts("SELECT name FROM apps ORDER BY name", []) {
                let rows = try connection.rows(
                    "SELECT settings FROM releases WHERE app = ? ORDER BY number DESC",
                    [.text(app)]
                )
                let name = try AppName(app)
                for row in rows {
                    let settings = try AppSettings(stored: row.text("settings"))
                    images.append(ReleasedImage(app: name, image: settings.image))
                }
            }
            return images
        }
    }

    /// The release, or nil if the app has none with that number.
    func release(_ number: Int, of app: AppName) async throws -> Release? {
        try await database.read { try $0.release(number, of: app) }
    }
}

extension SQLConnection {
    func release(_ number: Int, of app: AppName) throws -> Release? {
        try rows("\(selectRelease) WHERE app = ? AND number = ?", [.text(app), .integer(number)])
            .first.map(Berth.release(from:))
    }

    /// The number of the release that an earlier attempt of this operation has added.
    func release(of app: AppName, madeBy operation: IdempotentRequest?) throws -> Int? {
        guard let operation, operation.isRepeated else { return nil }
        return try rows(
            "SELECT number FROM releases WHERE app = ? AND operation = ?",
            [.text(app), .text(operation.id)]
        ).first?.integer("number")
    }

    func newestRelease(of app: AppName) throws -> Int {
        try integer("SELECT COALESCE(MAX(number), 0) FROM releases WHERE app = ?", [.text(app)])
    }

    /// - Parameter text: the release's settings as they are stored.
    func add(_ release: Release, settings text: String, by operation: IdempotentRequest?) throws {
        try insert(
            into: .releases,
            [
                ("app", .text(release.app)), ("number", .integer(release.number)),
                ("settings", .text(text)), ("created_at", .time(release.createdAt)),
                ("created_by", .text(release.createdBy)), ("origin", .text(release.origin.word)),
                ("restored", .integer(release.origin.restored)), ("operation", .text(operation?.id)),
            ]
        )
    }
}

private let selectRelease = "SELECT \(SQLTable.releases.selection) FROM releases"

private func release(from row: SQLRow) throws -> Release {
    Release(
        app: try AppName(row.text("app")),
        number: try row.integer("number"),
        settings: try AppSettings(stored: row.text("settings")),
        createdAt: try row.time("created_at"),
        createdBy: try row.optionalText("created_by"),
        origin: try Release.Origin(
            word: row.optionalText("origin"),
            restored: row.optionalInteger("restored"),
            number: row.integer("number")
        )
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

    /// - Parameter word: nil for releases from before this column existed.
    fileprivate init(word: String?, restored: Int?, number: Int) throws {
        switch (word, restored) {
        case (nil, _): self = number == 1 ? .created : .changed
        case ("created", _): self = .created
        case ("changed", _): self = .changed
        case ("rolled_back", let restored?): self = .rolledBack(to: restored)
        case ("adopted", _): self = .adopted
        default: throw SQLError.damaged("a release has an unknown origin")
        }
    }
}

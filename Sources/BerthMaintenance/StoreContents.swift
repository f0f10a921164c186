import SQL

/// The number of records in a database.
struct StoreContents: Sendable, Equatable, CustomStringConvertible {
    let apps: Int
    let releases: Int
    let runs: Int

    init(of database: some SQLDatabase) async throws {
        let counts = try await database.read(within: .seconds(60)) { connection in
            try ["apps", "releases", "runs"].map { table in
                try connection.integer("SELECT COUNT(*) FROM \(table)")
            }
        }
        (apps, releases, runs) = (counts[0], counts[1], counts[2])
    }

    var description: String {
        [(apps, "app"), (releases, "release"), (runs, "run")]
            .map { "\($0) \($1)\($0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
}

/// How much a database holds.
package struct StoreContents: Sendable, Equatable, CustomStringConvertible {
    package let apps: Int
    package let releases: Int
    package let runs: Int

    init(of database: some SQLDatabase) async throws {
        let counts = try await database.read(within: .seconds(60)) { connection in
            try ["apps", "releases", "runs"].map { table in
                try connection.rows("SELECT COUNT(*) FROM \(table)", [])[0].integer(0)
            }
        }
        (apps, releases, runs) = (counts[0], counts[1], counts[2])
    }

    package var description: String {
        [(apps, "app"), (releases, "release"), (runs, "run")]
            .map { "\($0) \($1)\($0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
}

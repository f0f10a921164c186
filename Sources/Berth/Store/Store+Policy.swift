import JSON
import SQL

extension Store {
    /// The policy; nil if none was ever set.
    package func policy() async throws -> Policy? {
        try await database.read { connection in
            try connection.texts("SELECT content FROM policy").first.map { text in
                try storedValue(from: text, "the policy") { json throws(FieldErrors) in try Policy(json) }
            }
        }
    }

    func keep(_ policy: Policy, by caller: Caller, at now: Timestamp) async throws {
        try await database.write { connection in
            let changes: [(String, SQLValue)] = [
                ("content", .text(policy.json.text)), ("updated_at", .time(now)), ("updated_by", .text(caller.name)),
            ]
            guard try connection.update(.policy, changes, where: "id = 1", []) == 0 else { return }
            try connection.insert(into: .policy, [("id", .integer(1))] + changes)
        }
    }
}

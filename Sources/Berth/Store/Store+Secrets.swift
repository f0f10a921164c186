import DockerEngine
import SQL

extension Store {
    /// The secrets of an app, by name.
    ///
    /// - Throws: `BerthError` `appNotFound`.
    func secrets(of app: AppName) async throws -> [Secret] {
        try await database.read { connection in
            let secrets = try connection.secrets(of: app)
            if secrets.isEmpty { try connection.requireApp(app) }
            return secrets
        }
    }

    /// Stores a secret in place of an earlier one of the same name.
    ///
    /// - Throws: `BerthError` `appNotFound`, `tooManySecrets`.
    func set(_ secret: Secret) async throws {
        try await database.write { connection in
            try connection.requireApp(secret.app)
            let changes: [(String, SQLValue)] = [
                ("value", .text(secret.value.stored)), ("updated_at", .time(secret.updatedAt)),
                ("updated_by", .text(secret.updatedBy)),
            ]
            let key: [SQLValue] = [.text(secret.app), .text(secret.name)]
            guard try connection.update(.secrets, changes, where: "app = ? AND name = ?", key) == 0 else { return }
            let count = try connection.integer("SELECT COUNT(*) FROM secrets WHERE app = ?", [.text(secret.app)])
            guard count < Secret.maximumCount else {
                throw BerthError.tooManySecrets(secret.app, limit: Secret.maximumCount)
            }
            try connection.insert(
                into: .secrets,
                [("app", .text(secret.app)), ("name", .text(secret.name))] + changes
            )
        }
    }

    /// - Throws: `BerthError` `appNotFound`, `secretNotFound`.
    func deleteSecret(_ name: SecretName, of app: AppName) async throws {
        try await database.writeEvenIfFull { connection in
            let sql = "DELETE FROM secrets WHERE app = ? AND name = ?"
            guard try connection.run(sql, [.text(app), .text(name)]) == 0 else { return }
            try connection.requireApp(app)
            throw BerthError.secretNotFound(app)
        }
    }
}

// Logins for registries.
extension Store {
    /// All logins, by server.
    func registries() async throws -> [Registry] {
        try await database.read { connection in
            try connection.rows("SELECT \(SQLTable.registries.selection) FROM registries ORDER BY server", [])
                .map(Registry.init(from:))
        }
    }

    func registry(_ server: RegistryServer) async throws -> Registry? {
        try await database.read { connection in
            let sql = "SELECT \(SQLTable.registries.selection) FROM registries WHERE server = ?"
            return try connection.rows(sql, [.text(server)]).first.map(Registry.init(from:))
        }
    }

    /// Stores a login in place of an earlier one for the same server.
    ///
    /// - Throws: `BerthError` `tooManyRegistries`.
    func set(_ registry: Registry) async throws {
        try await database.write { connection in
            let changes: [(String, SQLValue)] = [
                ("username", .text(registry.username)), ("password", .text(registry.password.stored)),
                ("updated_at", .time(registry.updatedAt)), ("updated_by", .text(registry.updatedBy)),
            ]
            let server = SQLValue.text(registry.server)
            guard try connection.update(.registries, changes, where: "server = ?", [server]) == 0 else { return }
            guard try SQLTable.registries.count(in: connection) < Registry.maximumCount else {
                throw BerthError.tooManyRegistries(limit: Registry.maximumCount)
            }
            try connection.insert(into: .registries, [("server", server)] + changes)
        }
    }

    /// - Returns: whether there was one.
    func deleteRegistry(_ server: RegistryServer) async throws -> Bool {
        try await database.writeEvenIfFull { connection in
            try connection.run("DELETE FROM registries WHERE server = ?", [.text(server)]) > 0
        }
    }
}

// The key.
extension Store {
    /// The ids of the keys of all secrets and passwords: at most one, unless another program has changed rows.
    func secretKeys() async throws -> Set<String> {
        try await database.read(within: .seconds(30)) { connection in
            let keys = try [("secrets", "value"), ("registries", "password")].flatMap { table, column in
                try connection.texts(
                    "SELECT DISTINCT SUBSTR(\(column), 1, \(EncryptedText.prefixLength)) AS key_part FROM \(table)"
                )
            }
            return Set(keys.compactMap { EncryptedText(recorded: $0).key })
        }
    }

    /// Encrypts all secrets and passwords with another key, in one transaction.
    ///
    /// - Returns: their number.
    /// - Throws: `BerthError` `secretUnreadable`, `registryUnreadable`; then nothing has changed.
    func encryptAgain(from old: SecretKey, to new: SecretKey) async throws -> Int {
        try await database.write(within: .seconds(600)) { connection in
            let secrets = try connection.eachRow(of: .secrets) { row in
                let secret = try Secret(from: row)
                guard let text = try? old.decrypt(secret.value, at: secret.place) else {
                    throw BerthError.secretUnreadable(secret.name, secret.app)
                }
                let value = SQLValue.text(try new.encrypt(text, at: secret.place).stored)
                let key: [SQLValue] = [.text(secret.app), .text(secret.name)]
                try connection.update(.secrets, [("value", value)], where: "app = ? AND name = ?", key)
            }
            let registries = try connection.eachRow(of: .registries) { row in
                let registry = try Registry(from: row)
                guard let text = try? old.decrypt(registry.password, at: registry.place) else {
                    throw BerthError.registryUnreadable(registry.server)
                }
                let password = SQLValue.text(try new.encrypt(text, at: registry.place).stored)
                let server = SQLValue.text(registry.server)
                try connection.update(.registries, [("password", password)], where: "server = ?", [server])
            }
            return secrets + registries
        }
    }

    /// Checks that all secrets and logins have the values that Berth writes.
    package func checkSecrets() async throws {
        try await database.read(within: .seconds(60)) { connection in
            _ = try connection.eachRow(of: .secrets) { row in
                guard try Secret(from: row).value.isWellFormed else {
                    throw SQLError.damaged("a secret is not encrypted")
                }
            }
            _ = try connection.eachRow(of: .registries) { row in
                guard try Registry(from: row).password.isWellFormed else {
                    throw SQLError.damaged("the password of a registry is not encrypted")
                }
            }
        }
    }
}

extension SQLConnection {
    func secrets(of app: AppName) throws -> [Secret] {
        let sql = "SELECT \(SQLTable.secrets.selection) FROM secrets WHERE app = ? ORDER BY name"
        return try rows(sql, [.text(app)]).map(Secret.init(from:))
    }

    fileprivate func requireApp(_ app: AppName) throws {
        guard try has("SELECT 1 FROM apps WHERE name = ?", [.text(app)]) else { throw BerthError.appNotFound(app) }
    }

    /// Reads a table in parts.
    ///
    /// - Returns: the number of rows.
    fileprivate func eachRow(of table: SQLTable, _ body: (SQLRow) throws -> Void) throws -> Int {
        var count = 0
        var last: [SQLValue]?
        while true {
            let rows = try table.rows(after: last, limit: 20, in: self)
            guard let end = rows.last else { return count }
            for row in rows { try body(row) }
            count += rows.count
            last = table.key(of: end)
        }
    }
}

extension Secret {
    fileprivate init(from row: SQLRow) throws {
        app = try AppName(row.text("app"))
        name = try SecretName(row.text("name"))
        value = EncryptedText(recorded: try row.text("value"))
        updatedAt = try row.time("updated_at")
        updatedBy = try row.text("updated_by")
    }
}

extension Registry {
    fileprivate init(from row: SQLRow) throws {
        guard let server = RegistryServer(try row.text("server")) else {
            throw SQLError.damaged("a registry has an invalid name")
        }
        self.server = server
        username = try row.text("username")
        password = EncryptedText(recorded: try row.text("password"))
        updatedAt = try row.time("updated_at")
        updatedBy = try row.text("updated_by")
    }
}

package import SQL

extension Migrations {
    /// Berth's schema.
    ///
    /// Append-only: a released version is never changed. Times are milliseconds since 1970 in UTC.
    package static let all = Migrations([first, second, third, fourth, fifth, sixth, seventh, eighth])

    private static let first: [Step] = [
        // One row: the server's identity. Its id labels the containers.
        """
        CREATE TABLE instance (
            id VARCHAR(32) NOT NULL PRIMARY KEY,
            created_at BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE hosts (
            name VARCHAR(40) NOT NULL PRIMARY KEY,
            endpoint VARCHAR(1024) NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE apps (
            name VARCHAR(40) NOT NULL PRIMARY KEY,
            current_release BIGINT NOT NULL CHECK (current_release > 0),
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )
        """,
        // Rows are added, and deleted together with their app; they are never changed.
        """
        CREATE TABLE releases (
            app VARCHAR(40) NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0),
            settings LONGTEXT NOT NULL,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (app, number),
            FOREIGN KEY (app) REFERENCES apps (name)
        )
        """,
        """
        CREATE TABLE runs (
            id VARCHAR(32) NOT NULL PRIMARY KEY,
            name VARCHAR(64) NOT NULL UNIQUE,
            app VARCHAR(40) NOT NULL,
            release_number BIGINT NOT NULL,
            host VARCHAR(40) NOT NULL,
            image VARCHAR(512) NOT NULL,
            state VARCHAR(16) NOT NULL CHECK (state IN ('pending', 'pulling', 'starting', 'running', 'paused',
                'restarting', 'exited', 'failed', 'lost', 'removed')),
            container_id VARCHAR(64) UNIQUE,
            exit_code BIGINT,
            reason LONGTEXT,
            out_of_memory BIGINT NOT NULL CHECK (out_of_memory IN (0, 1)),
            created_at BIGINT NOT NULL,
            started_at BIGINT,
            finished_at BIGINT,
            FOREIGN KEY (app, release_number) REFERENCES releases (app, number)
        )
        """,
        "CREATE INDEX runs_by_app ON runs (app, release_number)",
    ]

    private static let second: [Step] = [
        // Requests by the keys that their clients gave them; the answer is NULL until there is a response.
        """
        CREATE TABLE idempotency_keys (
            idempotency_key VARCHAR(255) NOT NULL PRIMARY KEY,
            fingerprint VARCHAR(64) NOT NULL,
            operation VARCHAR(32) NOT NULL UNIQUE,
            created_at BIGINT NOT NULL,
            answer LONGTEXT
        )
        """,
        "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
        // Who added a release, how it came about, and by which request.
        "ALTER TABLE releases ADD COLUMN created_by VARCHAR(255)",
        "ALTER TABLE releases ADD COLUMN origin VARCHAR(16)",
        "ALTER TABLE releases ADD COLUMN restored BIGINT",
        "ALTER TABLE releases ADD COLUMN operation VARCHAR(32)",
        "CREATE UNIQUE INDEX releases_by_operation ON releases (operation)",
        // How a run differs from its release, and what is known about its container.
        "ALTER TABLE runs ADD COLUMN command LONGTEXT",
        "ALTER TABLE runs ADD COLUMN overrides LONGTEXT",
        "ALTER TABLE runs ADD COLUMN stop_timeout BIGINT",
        "ALTER TABLE runs ADD COLUMN max_runtime BIGINT",
        "ALTER TABLE runs ADD COLUMN is_promised BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN image_id VARCHAR(128)",
        "ALTER TABLE runs ADD COLUMN ports LONGTEXT",
        // One run per place in a request.
        "ALTER TABLE runs ADD COLUMN operation VARCHAR(32)",
        "ALTER TABLE runs ADD COLUMN item BIGINT",
        "CREATE UNIQUE INDEX runs_by_operation ON runs (operation, item)",
        "CREATE INDEX runs_by_age ON runs (created_at, id)",
    ]

    private static let third: [Step] = [
        // The number of server starts, so that no two processes give their changes the same numbers.
        "ALTER TABLE instance ADD COLUMN starts BIGINT NOT NULL DEFAULT 0"
    ]

    private static let sixth: [Step] = [
        // The last part of a finished run's output.
        """
        CREATE TABLE run_logs (
            run VARCHAR(32) NOT NULL PRIMARY KEY,
            is_complete BIGINT NOT NULL CHECK (is_complete IN (0, 1)),
            content LONGTEXT NOT NULL,
            FOREIGN KEY (run) REFERENCES runs (id) ON DELETE CASCADE
        )
        """
    ]

    private static let seventh: [Step] = [
        // Who gave the host to the server, whether it gets no new runs, and the request that added it.
        "ALTER TABLE hosts ADD COLUMN source VARCHAR(8) NOT NULL DEFAULT 'flag' CHECK (source IN ('flag', 'api'))",
        "ALTER TABLE hosts ADD COLUMN is_drained BIGINT NOT NULL DEFAULT 0 CHECK (is_drained IN (0, 1))",
        "ALTER TABLE hosts ADD COLUMN operation VARCHAR(32)",
    ]

    private static let eighth: [Step] = [
        // Tokens are found by the SHA-256 of their text, which is not stored.
        """
        CREATE TABLE tokens (
            id VARCHAR(32) NOT NULL PRIMARY KEY,
            name VARCHAR(40) NOT NULL UNIQUE,
            hash VARCHAR(64) NOT NULL UNIQUE,
            role VARCHAR(16) NOT NULL CHECK (role IN ('viewer', 'deployer', 'admin')),
            apps LONGTEXT NOT NULL,
            created_at BIGINT NOT NULL,
            created_by VARCHAR(255) NOT NULL,
            expires_at BIGINT,
            last_used_at BIGINT
        )
        """,
        // Sessions of browsers, found like tokens.
        """
        CREATE TABLE sessions (
            hash VARCHAR(64) NOT NULL PRIMARY KEY,
            token VARCHAR(32) NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL,
            FOREIGN KEY (token) REFERENCES tokens (id) ON DELETE CASCADE
        )
        """,
        // Values are encrypted with the server's key.
        """
        CREATE TABLE secrets (
            app VARCHAR(40) NOT NULL,
            name VARCHAR(255) NOT NULL,
            value LONGTEXT NOT NULL,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR(255) NOT NULL,
            PRIMARY KEY (app, name),
            FOREIGN KEY (app) REFERENCES apps (name) ON DELETE CASCADE
        )
        """,
        """
        CREATE TABLE registries (
            server VARCHAR(255) NOT NULL PRIMARY KEY,
            username VARCHAR(255) NOT NULL,
            password LONGTEXT NOT NULL,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR(255) NOT NULL
        )
        """,
        // At most one row.
        """
        CREATE TABLE policy (
            id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
            content LONGTEXT NOT NULL,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR(255) NOT NULL
        )
        """,
        // Rows are added, and deleted when they are old. An id is a time in milliseconds times 4096 plus a number.
        """
        CREATE TABLE audit (
            id BIGINT NOT NULL PRIMARY KEY,
            actor VARCHAR(64) NOT NULL,
            action VARCHAR(64) NOT NULL,
            target VARCHAR(255) NOT NULL,
            result VARCHAR(16) NOT NULL CHECK (result IN ('ok', 'denied', 'failed')),
            code VARCHAR(64),
            request_id VARCHAR(128) NOT NULL,
            address VARCHAR(64) NOT NULL
        )
        """,
    ]

    /// A key belongs to the principal who sent it.
    ///
    /// The earlier table is renamed first: a server of an earlier version then fails until the migration is complete, and
    /// cannot add keys that would not be copied. The primary key fits into an index page of 8 KiB.
    private static let fifth: [Step] = [
        "ALTER TABLE idempotency_keys RENAME TO keys_without_principal",
        """
        CREATE TABLE idempotency_keys (
            principal VARCHAR(64) NOT NULL,
            idempotency_key VARCHAR(255) NOT NULL,
            fingerprint VARCHAR(64) NOT NULL,
            operation VARCHAR(32) NOT NULL UNIQUE,
            created_at BIGINT NOT NULL,
            answer LONGTEXT,
            PRIMARY KEY (principal, idempotency_key)
        )
        """,
        """
        INSERT INTO idempotency_keys (principal, idempotency_key, fingerprint, operation, created_at, answer)
            SELECT 'local', idempotency_key, fingerprint, operation, created_at, answer FROM keys_without_principal
        """,
        "DROP TABLE keys_without_principal",
        "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
    ]
}

import DockerEngine
import Testing

@testable import Berth
@testable import SQL

@Suite struct MigrationsTests {
    private static let settings = """
        {"command":["a","b c"],"commandLine":"a 'b c'","entrypoint":[],"host":"two","image":"nginx:1","labels":[["team","a b"]],\
        "maxRuntime":60,"memory":67108864,"nanoCPUs":1500000000,"ports":[{"container":80,"host":8080,"transport":"tcp"},\
        {"container":53,"transport":"udp"}],"restart":"on-failure","stopTimeout":3,"user":"1000","variables":[["X","1"],["Y",""]],\
        "volumes":[{"name":"data","readOnly":true,"target":"/data"}],"workingDirectory":"/w"}
        """

    @Test(arguments: StoreKind.available)
    func `Settings, overrides, ports and keys of schema 3 are read, and values refused today are dropped`(
        kind: StoreKind
    ) async throws {
        try await kind.withDatabase { database in
            try await Migrations.all.upTo(3).apply(to: database)
            try await database.write { connection in
                try connection.run("INSERT INTO instance (id, created_at) VALUES ('i1', 1)", [])
                try connection.run("INSERT INTO apps VALUES ('web', 2, 1, 1)", [])
                for (number, text) in [Self.settings, #"{"image":"nginx","memory":-5,"user":"a\nb","variables":[]}"#]
                    .enumerated()
                {
                    try connection.run(
                        "INSERT INTO releases (app, number, settings, created_at) VALUES ('web', ?, ?, 1)",
                        [.integer(number + 1), .text(text)]
                    )
                }
                try connection.run(
                    """
                    INSERT INTO idempotency_keys (idempotency_key, fingerprint, operation, created_at, answer)
                        VALUES ('k', 'f', 'o1', 1, '{}')
                    """,
                    []
                )
                try connection.run(
                    """
                    INSERT INTO runs (id, name, app, release_number, host, image, state, out_of_memory, created_at, overrides,
                        ports) VALUES ('r1', 'web-abc234', 'web', 1, 'two', 'nginx:1', 'running', 0, 1, ?, ?)
                    """,
                    [
                        .text(#"{"command":["x"],"variables":[["Z","2"]]}"#),
                        .text(#"[{"container":80,"host":32768,"transport":"tcp"}]"#),
                    ]
                )
            }
            let store = try await Store(database)
            let first = try #require(try await store.release(1, of: AppName("web"))).settings
            var expected = try AppSettings.example(image: "nginx:1", variables: [("X", "1"), ("Y", "")])
            expected.command = try Command(line: "a 'b c'")
            expected.entrypoint = Command.none
            expected.host = try HostName("two")
            try expected.ports.append(Port(container: 80, host: 8080))
            try expected.ports.append(Port(container: 53, host: nil, transport: .udp))
            try expected.volumes.append(Volume(name: "data", target: "/data", isReadOnly: true))
            try expected.labels.append(Label(name: "team", value: "a b"))
            expected.memory = 64 << 20
            expected.cpus = CPUs(billionths: 1_500_000_000)
            expected.restart = .onFailure(retries: nil)
            expected.user = "1000"
            expected.workingDirectory = "/w"
            expected.stopTimeout = 3
            expected.maxRuntime = 60
            #expect(first == expected)
            #expect(try await store.release(2, of: AppName("web"))?.settings == .example(image: "nginx"))
            let run = try #require(try await store.runs().first)
            #expect(run.ports == [try Port(container: 80, host: 32768)])
            let intent = try #require(try await store.intent(of: run))
            #expect(intent.settings.command?.words == ["x"])
            let key = try await store.begin(key: "k", of: "local", fingerprint: "f", at: Timestamp(milliseconds: 2))
            #expect(key == .answered("{}"))
            #expect(intent.settings.variables.list.map(\.name) == ["X", "Y", "Z"])
        }
    }
}

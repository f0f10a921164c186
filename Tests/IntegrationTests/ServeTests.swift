import FoundationEssentials
import Glibc
import JSON
import Subprocess
import SystemPackage
import Testing

/// The server's start, and its errors if it cannot start.
@Suite(.serialized) struct ServeTests {
    @Test(arguments: [
        (["--listen", "0.0.0.0:0", "--no-auth"], "--no-auth"), (["--listen", "nonsense"], "--listen"),
        (["--tls-certificate", "/nowhere/c.pem", "--tls-key", "/nowhere/k.pem"], "/nowhere/c.pem cannot be read"),
        (["--host", "x"], "--host"), (["--host", "x=ftp://y"], "--host x"),
        (["--host", "x=tcp://1.2.3.4:2375"], "certs"),
        (["--host", "x=tcp://1.2.3.4:2375?tls=off"], "tls=off"), (["--host", "x=ssh://-oProxyCommand=x"], "--host x"),
        (["--database", "mysql://a:secret@b"], "--database"), (["--log-level", "loud"], "--log-level"),
        (["--state-dir", "/tmp/" + String(repeating: "x", count: 100)], "--state-dir"),
    ])
    func `A wrong flag is refused in one line that names it`(arguments: [String], word: String) async throws {
        let (status, text) = try await serve(arguments)
        #expect(status == .exited(1))
        #expect(text.contains(word))
        #expect(text.split(separator: "\n").count == 1)
        #expect(!text.contains("secret"))
    }

    @Test func `A second server on the same state or database is refused`() async throws {
        try await BerthProcess.with(hosts: ["none=unix:///run/no.sock"]) { server in
            let directory = server.stateDirectory
            let (status, text) = try await serve(["--state-dir", directory])
            #expect(status == .exited(1))
            #expect(text.contains("Another Berth server uses \(directory)"))
            try await withDirectory { other in
                let (_, text) = try await serve(["--state-dir", other, "--database", "sqlite:\(directory)/berth.db"])
                #expect(text.contains("Another Berth server uses \(directory)/berth.db"))
            }
        }
    }

    @Test func `A second server on the same MariaDB database is refused without showing the password`() async throws {
        try await LabMariaDB.with { database in
            let url = database.address
            try await BerthProcess.with(hosts: ["none=unix:///run/no.sock"], database: url) { server in
                try await withDirectory { other in
                    let (status, text) = try await serve(
                        ["--state-dir", other],
                        environment: ["BERTH_DATABASE": url]
                    )
                    #expect(status == .exited(1))
                    #expect(text.contains("Another Berth server uses mysql://berth@127.0.0.1:"))
                    #expect(text.split(separator: "\n").count == 1)
                    for shown in [text, server.log] {
                        #expect(!shown.contains("p%40ss"))
                        #expect(!shown.contains("p@ss"))
                    }
                }
            }
        }
    }

    @Test func `A taken port gives a clear one-line error`() async throws {
        try await BerthProcess.with(hosts: ["none=unix:///run/no.sock"]) { server in
            try await withDirectory { other in
                let address = server.client.url.split(separator: "/").last.map(String.init) ?? ""
                let (status, text) = try await serve([
                    "--state-dir", other, "--listen", address, "--log-level", "critical",
                ])
                #expect(status == .exited(1))
                #expect(text.contains("in use"))
                #expect(text.split(separator: "\n").count == 1)
            }
        }
    }

    @Test(arguments: [("name.invalid:0", "cannot be resolved"), ("192.0.2.1:0", "Cannot assign requested address")])
    func `An address that this machine does not have is refused`(address: String, words: String) async throws {
        try await withDirectory { directory in
            let (status, text) = try await serve([
                "--state-dir", directory, "--listen", address, "--log-level", "critical", "--host",
                "none=unix:///run/no.sock",
            ])
            #expect(status == .exited(1))
            #expect(text.contains(words))
            #expect(text.split(separator: "\n").count == 1)
        }
    }

    @Test func `A file that is no database is refused and not changed`() async throws {
        try await withDirectory { directory in
            let text = String(repeating: "not a database", count: 100)
            try text.write(toFile: directory + "/x.db", atomically: true, encoding: .utf8)
            let (status, output) = try await serve(["--state-dir", directory, "--database", "sqlite:\(directory)/x.db"])
            #expect(status == .exited(1))
            #expect(output.contains("database"))
            #expect(try String(contentsOfFile: directory + "/x.db", encoding: .utf8) == text)
        }
    }

    @Test(arguments: [
        ("directory", "is not a regular file"), ("file/x.db", "file is not a directory"),
        ("none/x.db", "none: No such file"),
        ("zeros", "zeros: SQLite: file is not a database"), ("/dev/null", "/dev/null is not a regular file"),
    ])
    func `A path where no database can be is named in plain words`(path: String, words: String) async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory + "/directory", withIntermediateDirectories: true)
            try "text".write(toFile: directory + "/file", atomically: true, encoding: .utf8)
            _ = FileManager.default.createFile(atPath: directory + "/zeros", contents: Data(count: 8192))
            let file = path.hasPrefix("/") ? path : directory + "/" + path
            let state = directory + "/state"
            var results = [try await runBerth("serve", "--state-dir", state, "--database", "sqlite:" + file)]
            #expect(results[0].error.contains(words), "\(results[0].error)")
            results += [
                try await runBerth("backup", directory + "/copy", "--database", "sqlite:" + file),
                try await runBerth("backup", file, "--database", "sqlite:" + directory + "/zeros"),
                try await runBerth("restore", file, "--state-dir", state),
                try await runBerth("migrate", "--from", "sqlite:" + file, "--to", "sqlite:" + directory + "/new.db"),
            ]
            if path.hasPrefix("file") {
                results.append(try await runBerth("serve", "--state-dir", file))
                results.append(try await runBerth("serve", "--state-dir", directory + "/file"))
            }
            for result in results {
                #expect(result.isRefusal, "\(result.error)")
                for word in ["Error Domain", "Error(", "NSC", "unavailable(", "Optional("] {
                    #expect(!result.error.contains(word), "\(result.error)")
                }
            }
            #expect(!FileManager.default.fileExists(atPath: file + ".lock") || path == "zeros")
        }
    }

    @Test func `The server listens on a Unix socket, even where a dead server left one`() async throws {
        try await withDirectory { directory in
            for _ in 0..<2 {
                let result = try await Subprocess.run(
                    .path(FilePath(BerthProcess.binary)),
                    arguments: [
                        "serve", "--listen", "unix:\(directory)/api.sock", "--state-dir", directory, "--host",
                        "none=unix:///run/no.sock",
                    ],
                    input: .none,
                    output: .sequence,
                    error: .discarded
                ) { process in
                    for try await line in process.standardOutput.strings() where line.hasPrefix("berth is ready") {
                        break
                    }
                    let answer = try await runTool(
                        "curl",
                        "-sS",
                        "--unix-socket",
                        directory + "/api.sock",
                        "http://any/healthz"
                    )
                    try process.send(signal: .kill)
                    return answer
                }
                #expect(result.closureResult == "{\"status\":\"ok\"}")
            }
        }
    }

    @Test func `localhost means both loopback addresses, and with a JSON log all output lines are JSON`() async throws {
        let lab = try Lab()
        try await withDirectory { directory in
            let result = try await Subprocess.run(
                .path(FilePath(BerthProcess.binary)),
                arguments: [
                    "serve", "--listen", "localhost:0", "--state-dir", directory, "--log-format", "json", "--log-level",
                    "debug",
                ],
                environment: .inherit.updating(["BERTH_HOSTS": "lab=\(lab.unixEndpoint),", "BERTH_DATABASE": ""]),
                input: .none,
                output: .sequence,
                error: .string(limit: 1 << 20)
            ) { process in
                for try await line in process.standardOutput.strings() {
                    let message = try JSONReader.parse(Array(line.utf8))["message"].string
                    let port = try #require(message.firstMatch(of: #/ready on http:\/\/localhost:(\d+),/#)?.1)
                    for address in ["127.0.0.1", "[::1]"] {
                        let health = try await HTTP.with(url: "http://\(address):\(port)") {
                            try await $0.get("/healthz")
                        }
                        #expect(health.status == 200)
                    }
                    kill(process.processIdentifier.value, SIGTERM)
                }
            }
            for line in result.standardError.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONReader.parse(Array(line.utf8)) }
            }
            let (_, refusal) = try await serve(["--log-format", "json", "--listen", "1.2.3.4"])
            #expect(try JSONReader.parse(Array(refusal.utf8))["message"].string.hasPrefix("berth: --listen must be "))
        }
    }

    @Test func `Every flag is also a variable, and the flag wins`() async throws {
        try await withDirectory { directory in
            let (_, text) = try await serve(
                ["--log-level", "info"],
                environment: ["BERTH_LOG_LEVEL": "loud", "BERTH_LISTEN": "1.2.3.4"]
            )
            #expect(text.contains("--listen must be ADDRESS:PORT"))
            let (_, level) = try await serve([], environment: ["BERTH_LOG_LEVEL": "loud"])
            #expect(level.contains("--log-level"))
            let (_, hosts) = try await serve([], environment: ["BERTH_HOSTS": "a=unix:///a,b=nonsense"])
            #expect(hosts.contains("--host b"))
        }
    }

    private func serve(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> (TerminationStatus, String) {
        let changes = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1 as String?) }
        )
        let result = try await Subprocess.run(
            .path(FilePath(BerthProcess.binary)),
            arguments: Arguments(["serve"] + arguments),
            environment: .inherit.updating(changes),
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        return (result.terminationStatus, result.standardError)
    }
}

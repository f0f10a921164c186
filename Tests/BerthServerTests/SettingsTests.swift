import Berth
import Configuration
import DockerEngine
import Foundation
import Logging
import Testing

@testable import BerthServer
@testable import SQL

@Suite struct SettingsTests {
    /// The settings as `berth serve` reads them: flags before the environment.
    private func settings(_ flags: [String: ConfigValue] = [:], _ environment: [String: String] = [:]) throws
        -> Settings
    {
        let values = Dictionary(uniqueKeysWithValues: flags.map { (AbsoluteConfigKey(["berth", $0]), $1) })
        return try Settings(
            ConfigReader(providers: [
                InMemoryProvider(values: values),
                EnvironmentVariablesProvider(environmentVariables: Settings.given(environment)),
            ])
        )
    }

    private func refusal(_ flags: [String: ConfigValue] = [:], _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try settings(flags, environment)
            return nil
        } catch {
            return (error as? SettingsError)?.description ?? "no SettingsError: \(error)"
        }
    }

    private func hosts(_ settings: Settings) -> [String] { settings.hosts.map { "\($0.name)=\($0.address)" } }

    @Test func `By default the server listens on loopback, keeps its state at home and uses the local engine`() throws {
        let settings = try settings()
        #expect(settings.listen == .loopback(host: "127.0.0.1", port: 8080))
        #expect(settings.stateDirectory.hasPrefix("/"))
        #expect(settings.stateDirectory.hasSuffix("/berth"))
        #expect(settings.database == .sqlite(path: settings.stateDirectory + "/berth.db"))
        #expect(settings.secretKeyFile == settings.stateDirectory + "/secret-key")
        let local = ProcessInfo.processInfo.environment["DOCKER_HOST"] ?? "unix:///var/run/docker.sock"
        #expect(hosts(settings) == ["local=\(local)"])
        #expect(settings.ssh.directory == settings.stateDirectory + "/ssh")
        #expect(settings.ssh.knownHostsFile == settings.stateDirectory + "/known_hosts")
        #expect(settings.ssh.configuration == .user)
        #expect(settings.retention == RetentionPolicy(keepFinished: .seconds(30 * 86_400), keepRecords: 100_000))
        #expect(settings.logFormat == .text)
        #expect(settings.logLevel == .info)
    }

    @Test(arguments: [
        ([:], "unix:///var/run/docker.sock"), (["DOCKER_HOST": ""], "unix:///var/run/docker.sock"),
        (["DOCKER_HOST": "ssh://deploy@web"], "ssh://deploy@web"),
        (["DOCKER_HOST": "tcp://web:2376", "DOCKER_CERT_PATH": "/c"], "tcp://web:2376?certs=/c"),
        (["DOCKER_HOST": "tcp://web:2376", "DOCKER_TLS_VERIFY": "1", "HOME": "/h"], "tcp://web:2376?certs=/h/.docker"),
        (
            ["DOCKER_HOST": "tcp://web:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c", "HOME": "/h"],
            "tcp://web:2376?certs=/c"
        ),
        (["DOCKER_HOST": "tcp://web:2376?certs=/a", "DOCKER_CERT_PATH": "/c"], "tcp://web:2376?certs=/a"),
        (["DOCKER_HOST": "tcp://127.0.0.1:2375", "DOCKER_TLS_VERIFY": ""], "tcp://127.0.0.1:2375?tls=off"),
    ])
    func `The default host is the one that Docker's own tools would use`(
        _ environment: [String: String],
        _ address: String
    ) throws {
        #expect(try "\(Settings.localHost(environment).address)" == address)
    }

    @Test(arguments: [
        (["DOCKER_HOST": "tcp://web:2375"], "DOCKER_HOST: tcp://web:2375 needs TLS. Set DOCKER_CERT_PATH"),
        (["DOCKER_HOST": "tcp://web"], "DOCKER_HOST: tcp:// needs a port"),
        (["DOCKER_HOST": "npipe://x"], "DOCKER_HOST: an endpoint must be"),
        (["DOCKER_HOST": "tcp://web:2376", "DOCKER_CERT_PATH": "/a b"], "DOCKER_HOST with DOCKER_CERT_PATH: "),
    ])
    func `A Docker variable that Berth cannot use is refused by its name`(
        _ environment: [String: String],
        _ beginning: String
    ) throws {
        let refusal = #expect(throws: SettingsError.self) { try Settings.localHost(environment) }
        #expect(refusal?.description.hasPrefix(beginning) == true, "\(String(describing: refusal))")
    }

    @Test func `Each flag has an effect`() throws {
        let settings = try settings([
            "listen": "[::1]:9000", "state-dir": "/srv/berth", "database": "sqlite:/srv/data.db",
            "hosts": ConfigValue(
                .stringArray(["web=ssh://deploy@web:2222", "db=unix:///run/d.sock"]),
                isSecret: false
            ),
            "ssh-config": "none", "keep-finished": "12h", "keep-records": "5000", "log-format": "json",
            "log-level": "debug", "secret-key-file": "/etc/berth/key",
        ])
        #expect(settings.secretKeyFile == "/etc/berth/key")
        #expect(settings.retention == RetentionPolicy(keepFinished: .seconds(43_200), keepRecords: 5000))
        #expect(settings.listen == .loopback(host: "::1", port: 9000))
        #expect(settings.stateDirectory == "/srv/berth")
        #expect(settings.database == .sqlite(path: "/srv/data.db"))
        #expect(hosts(settings) == ["web=ssh://deploy@web:2222", "db=unix:///run/d.sock"])
        #expect(settings.ssh.configuration == .none)
        #expect(settings.logFormat == .json)
        #expect(settings.logLevel == .debug)
    }

    @Test func `Each variable has an effect`() throws {
        let settings = try settings(
            [:],
            [
                "BERTH_LISTEN": "unix:/run/berth.sock", "BERTH_STATE_DIR": "/srv/berth",
                "BERTH_DATABASE": "mysql://berth:s3cret@db/berth",
                "BERTH_HOSTS": "web=ssh://web,db=unix:///run/d.sock", "BERTH_SSH_CONFIG": "/etc/ssh/berth",
                "BERTH_KEEP_FINISHED": "2w", "BERTH_KEEP_RECORDS": "1000", "BERTH_LOG_FORMAT": "json",
                "BERTH_LOG_LEVEL": "error", "BERTH_SECRET_KEY_FILE": "/etc/berth/key",
            ]
        )
        #expect(settings.secretKeyFile == "/etc/berth/key")
        #expect(settings.retention == RetentionPolicy(keepFinished: .seconds(14 * 86_400), keepRecords: 1000))
        #expect(settings.listen == .unixSocket(path: "/run/berth.sock"))
        #expect(settings.stateDirectory == "/srv/berth")
        #expect(settings.database.description == "mysql://berth@db:3306/berth")
        #expect(hosts(settings) == ["web=ssh://web", "db=unix:///run/d.sock"])
        #expect(settings.ssh.configuration == .file("/etc/ssh/berth"))
        #expect(settings.logFormat == .json)
        #expect(settings.logLevel == .error)
    }

    @Test func `An empty variable counts as unset, and an empty element of the host list is ignored`() throws {
        let names = [
            "LISTEN", "STATE_DIR", "DATABASE", "HOSTS", "SSH_CONFIG", "KEEP_FINISHED", "LOG_FORMAT", "LOG_LEVEL",
        ]
        let empty = try settings([:], Dictionary(uniqueKeysWithValues: names.map { ("BERTH_" + $0, "") }))
        let usual = try settings([:])
        #expect(empty.summary == usual.summary)
        #expect(empty.listen == usual.listen)
        #expect(
            hosts(try settings([:], ["BERTH_HOSTS": "a=unix:///a, ,b=unix:///b,"])).map { $0.prefix(2) } == [
                "a=", "b=",
            ]
        )
    }

    @Test(arguments: ["True", "YES", "1", "on", "t"])
    func `A switch accepts common spellings`(_ text: String) throws {
        #expect(try !settings([:], ["BERTH_NO_METRICS": text]).hasMetrics)
    }

    @Test(arguments: [":", "%", "$", "\\", "'", "\u{1}", "\u{7}"])
    func `A state directory with characters that are special to ssh is refused`(_ character: String) throws {
        let flag = ConfigValue(.string("/srv/be\(character)rth"), isSecret: false)
        #expect(refusal(["state-dir": flag])?.hasPrefix("--state-dir ") == true)
        #expect(try settings(["state-dir": "/srv/be rth+=,~#?&ü"]).stateDirectory == "/srv/be rth+=,~#?&ü")
    }

    @Test func `A flag wins over its variable`() throws {
        let settings = try settings(
            ["listen": "127.0.0.1:1", "hosts": ConfigValue(.stringArray(["a=ssh://a"]), isSecret: false)],
            ["BERTH_LISTEN": "127.0.0.1:2", "BERTH_HOSTS": "b=ssh://b", "BERTH_LOG_LEVEL": "error"]
        )
        #expect(settings.listen == .loopback(host: "127.0.0.1", port: 1))
        #expect(hosts(settings) == ["a=ssh://a"])
        #expect(settings.logLevel == .error)
    }

    @Test func `Relative paths start at the server's working directory`() throws {
        let here = FileManager.default.currentDirectoryPath
        let settings = try settings(["state-dir": "state", "database": "sqlite:data.db", "ssh-config": "config"])
        #expect(settings.stateDirectory == here + "/state")
        #expect(settings.database == .sqlite(path: here + "/data.db"))
        #expect(settings.ssh.configuration == .file(here + "/config"))
    }

    @Test(
        arguments: [
            ("localhost:80", "http://localhost:80"), ("127.0.0.1:0", "http://127.0.0.1:0"),
            ("[::1]:65535", "http://[::1]:65535"),
            ("127.0.0.2:80", "http://127.0.0.2:80"), ("0.0.0.0:8080", "http://0.0.0.0:8080"),
            ("[::]:8080", "http://[::]:8080"), ("192.0.2.1:80", "http://192.0.2.1:80"),
            ("Berth.example.org:80", "http://berth.example.org:80"), ("unix:/a", "unix:/a"), ("unix:///a", "unix:/a"),
        ]
    )
    func `The server may listen on any address of this machine`(_ listen: String, _ shown: String) throws {
        #expect(try settings(["listen": ConfigValue(.string(listen), isSecret: false)]).listen.description == shown)
    }

    @Test(arguments: [
        ":8080", "a b:80", "-a:80", "[127.0.0.1]:80", "[::1:80", "user@host:80", "http://0.0.0.0:80", "8080",
        "127.0.0.1", "127.0.0.1:",
        "127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1:+80", "::1:80", "unix:relative", "unix:", "",
        "tcp://127.0.0.1:80", "unix:/" + String(repeating: "a", count: 103),
    ])
    func `An invalid listen address is refused`(_ listen: String) {
        #expect(refusal(["listen": ConfigValue(.string(listen), isSecret: false)])?.hasPrefix("--listen ") == true)
    }

    @Test(
        arguments: [
            ("database", "mysql://user:s3cret@host:port/berth", "--database must be sqlite:PATH or mysql://"),
            ("database", "sqlite:", "--database "), ("database", "sqlite::memory:", "--database "),
            ("database", "", "--database "),
            ("database", "/srv/berth.db", "--database "),
            ("state-dir", "", "--state-dir "), ("state-dir", "/a\"b", "--state-dir "),
            ("state-dir", "/a\nb", "--state-dir "),
            ("state-dir", "/" + String(repeating: "a", count: 200), "--state-dir "),
            ("ssh-config", "", "--ssh-config "), ("ssh-config", "/a\nb", "--ssh-config "),
            ("tls-certificate", "/c.pem", "--tls-certificate needs --tls-key"),
            ("tls-key", "/k.pem", "--tls-key needs --tls-certificate"),
            ("rate-limit", "-1", "--rate-limit must be 0 to 1000000"), ("rate-limit", "x", "--rate-limit "),
            ("rate-limit", "1000001", "--rate-limit "), ("open-metrics", "perhaps", "--open-metrics must be "),
            ("log-format", "xml", "--log-format must be one of text, json, not xml"),
            ("log-format", "", "--log-format "),
            (
                "log-level", "loud",
                "--log-level must be one of trace, debug, info, notice, warning, error, critical, not loud"
            ),
        ]
    )
    func `An invalid flag value is refused with the flag's name, without a secret`(
        _ flag: String,
        _ value: String,
        _ beginning: String
    ) throws {
        let refusal = try #require(self.refusal([flag: ConfigValue(.string(value), isSecret: false)]))
        #expect(refusal.hasPrefix(beginning), "\(refusal)")
        #expect(!refusal.contains("s3cret"))
    }

    @Test func `Each flag about clients on other machines has an effect`() throws {
        let usual = try settings().network
        #expect(usual.tls == nil && usual.allowedHosts.isEmpty && usual.trustedProxies.networks.isEmpty)
        #expect(usual.rateLimit == 600 && !usual.opensMetrics)
        let network = try settings(
            ["tls-certificate": "/c.pem", "tls-key": "/k.pem", "rate-limit": "0"],
            [
                "BERTH_ALLOWED_HOSTS": "Berth.example.org,192.0.2.1,2001:db8::1,,[::2]",
                "BERTH_TRUSTED_PROXIES": "10.0.0.1,fd00::/8", "BERTH_OPEN_METRICS": "true",
            ]
        ).network
        #expect(network.tls == TLSFiles(certificate: "/c.pem", key: "/k.pem"))
        #expect(network.allowedHosts == ["berth.example.org", "192.0.2.1", "[2001:db8::1]", "[::2]"])
        #expect(network.trustedProxies.networks == [IPNetwork("10.0.0.1"), IPNetwork("fd00::/8")])
        #expect(network.rateLimit == nil && network.opensMetrics)
    }

    @Test(arguments: ["0.0.0.0:8080", "[::]:8080", "berth.example.org:8080"])
    func `Other machines are not served without tokens`(_ listen: String) throws {
        let value = ConfigValue(.string(listen), isSecret: false)
        #expect(try settings(["listen": value]).hasAuthentication)
        let refusal = try #require(self.refusal(["listen": value, "no-auth": "true"]))
        #expect(refusal.contains("clients must send a token: remove --no-auth"), "\(refusal)")
    }

    @Test func `A Unix socket has no TLS`() throws {
        let refusal = self.refusal(["listen": "unix:/a", "tls-certificate": "/c", "tls-key": "/k"])
        #expect(refusal?.hasPrefix("--tls-certificate is not possible with --listen unix:/path") == true)
    }

    @Test(arguments: [
        ("allowed-hosts", ""), ("allowed-hosts", "a:80"), ("allowed-hosts", "a b"), ("allowed-hosts", "*"),
        ("allowed-hosts", "[::1]:80"), ("allowed-hosts", "[a]"), ("trusted-proxies", ""), ("trusted-proxies", "proxy"),
        ("trusted-proxies", "10.0.0.0/33"), ("trusted-proxies", "10.0.0.0/-1"), ("trusted-proxies", "10.0.0.0/"),
        ("trusted-proxies", "::/129"), ("trusted-proxies", "10.0.0.1:80"),
    ])
    func `An invalid name of the server or address of a proxy is refused`(_ flag: String, _ value: String) throws {
        let refusal = try #require(self.refusal([flag: ConfigValue(.stringArray([value]), isSecret: false)]))
        #expect(refusal.hasPrefix(flag == "allowed-hosts" ? "--allowed-host must " : "--trusted-proxy must "))
    }

    @Test(
        arguments: [
            (["web"], "--host must be NAME=ENDPOINT"), (["=ssh://web"], "--host: the name "),
            (["WEB=ssh://web"], "--host: the name "), (["web=http://web"], "--host web: "), (["web="], "--host web: "),
            (["web=ssh://-oProxyCommand=x"], "--host web: "), (["web=tcp://web:2375"], "--host web: "),
            (["web=ssh://a", "web=ssh://b"], "--host: the name web is used twice"),
            ([""], "--host must be NAME=ENDPOINT"),
            (["web=ssh://user:s3cret@web"], "--host web: "),
        ]
    )
    func `An invalid host is refused`(_ hosts: [String], _ beginning: String) throws {
        let refusal = try #require(self.refusal(["hosts": ConfigValue(.stringArray(hosts), isSecret: false)]))
        #expect(refusal.hasPrefix(beginning), "\(refusal)")
        #expect(!refusal.contains("s3cret"))
    }

    @Test(arguments: [
        ("1s", 1), ("90m", 5400), ("24h", 86_400), ("1d", 86_400), ("1w", 604_800), ("36600d", 3_162_240_000),
    ])
    func `The time to keep finished runs accepts any unit`(_ text: String, _ seconds: Int) throws {
        let settings = try settings(["keep-finished": ConfigValue(.string(text), isSecret: false)])
        #expect(settings.retention.keepFinished == .seconds(seconds))
    }

    @Test(arguments: [
        "", "30", "d", "0d", "-1d", "+1d", "1.5h", "1 d", "30D", "1y", "36601d", "99999999999999999999s", "٣d", "1dd",
        "9223372036854775807w",
    ])
    func `An invalid time is refused in one line`(_ text: String) throws {
        let refusal = try #require(self.refusal(["keep-finished": ConfigValue(.string(text), isSecret: false)]))
        #expect(refusal.hasPrefix("--keep-finished must be a number followed by s, m, h, d or w"), "\(refusal)")
    }

    @Test func `The time to keep the audit log is read like the other one`() throws {
        let year = try settings([:]).retention
        #expect(year.keepAudit == .seconds(365 * 86_400))
        let week = try settings(["keep-audit": ConfigValue(.string("1w"), isSecret: false)])
        #expect(week.retention.keepAudit == .seconds(604_800))
        let refusal = try #require(self.refusal(["keep-audit": ConfigValue(.string("1y"), isSecret: false)]))
        #expect(refusal.hasPrefix("--keep-audit must be a number followed by s, m, h, d or w"), "\(refusal)")
    }

    @Test(arguments: ["", "999", "10000001", "-1000", "+1000", "1e5", "1000 ", "99999999999999999999"])
    func `The number of kept records has a lower and an upper limit`(_ text: String) throws {
        let refusal = try #require(self.refusal(["keep-records": ConfigValue(.string(text), isSecret: false)]))
        #expect(refusal.hasPrefix("--keep-records must be a number from 1000 to 10000000, not"), "\(refusal)")
        for number in ["1000", "10000000"] {
            #expect(self.refusal(["keep-records": ConfigValue(.string(number), isSecret: false)]) == nil)
        }
    }

    @Test func `The longest state directory leaves space for a tunnel's socket`() throws {
        let longest = "/" + String(repeating: "a", count: SSHSettings.maximumDirectoryBytes - "/".count - "/ssh".count)
        #expect(refusal(["state-dir": ConfigValue(.string(longest), isSecret: false)]) == nil)
        #expect(refusal(["state-dir": ConfigValue(.string(longest + "a"), isSecret: false)]) != nil)
    }

    @Test func `Metrics are on by default, and container samples are off`() throws {
        #expect(try settings().hasMetrics && !settings().hasContainerMetrics)
        #expect(try !settings(["no-metrics": "true"]).hasMetrics)
        #expect(try settings([:], ["BERTH_CONTAINER_METRICS": "1"]).hasContainerMetrics)
        #expect(try settings([:], ["BERTH_NO_METRICS": "false"]).hasMetrics)
        #expect(
            try settings([:], ["BERTH_OTLP_ENDPOINT": "http://c:4318"]).otlpEndpoint?.url == "http://c:4318/v1/traces"
        )
        #expect(refusal([:], ["BERTH_NO_METRICS": "perhaps"])?.contains("--no-metrics") == true)
        #expect(refusal(["otlp-endpoint": "c:4317"])?.contains("--otlp-endpoint") == true)
    }
}

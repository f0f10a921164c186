import ArgumentParser
import BerthServer

/// `berth serve`: runs the server.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the HTTP API.",
        discussion: """
            Each option can also be set as an environment variable: BERTH_ and the option's name in capitals, with _ \
            for -, such as BERTH_STATE_DIR. The variables of repeatable options are comma-separated lists: BERTH_HOSTS, \
            BERTH_ALLOWED_HOSTS and BERTH_TRUSTED_PROXIES. An option takes precedence over its variable.

            Prints one line when it is ready. On SIGTERM or Ctrl-C, it waits for requests in progress, for 30 s at \
            most, and exits; containers keep running. If it cannot start, it prints one line and exits with 1.
            """
    )

    @Option(
        help: """
            The listen address: ADDRESS:PORT, such as 0.0.0.0:8080 or [::1]:8080, localhost:PORT or unix:/PATH. \
            (default: 127.0.0.1:8080)
            """
    )
    var listen: String?

    @OptionGroup
    var options: DatabaseOptions

    @OptionGroup
    var secretKey: SecretKeyOptions

    @Option(
        name: .customLong("host"),
        help: ArgumentHelp(
            """
            A Docker host as NAME=ENDPOINT; repeatable, the first is the default. Endpoints: unix:///path, \
            ssh://[user@]host[:port][/path/of/docker.sock], tcp://host:port?certs=/DIR. (default: local=$DOCKER_HOST \
            or local=unix:///var/run/docker.sock)
            """,
            valueName: "name=endpoint"
        )
    )
    var hosts: [String] = []

    @OptionGroup
    var ssh: SSHConfigurationOptions

    @Option(
        help: """
            How long finished containers are kept: a number followed by s, m, h, d or w. Their records are kept for \
            twice as long. (default: 30d)
            """
    )
    var keepFinished: String?

    @Option(help: "The maximum number of finished runs that are kept, 1000 to 10000000. (default: 100000)")
    var keepRecords: String?

    @Option(help: "How long the audit log is kept, like --keep-finished. (default: 365d)")
    var keepAudit: String?

    @Flag(help: "Add the CPU, memory and network usage of each app's containers to GET /metrics.")
    var containerMetrics = false

    @Flag(help: "Disable metrics; GET /metrics responds with 404.")
    var noMetrics = false

    @Option(
        help: ArgumentHelp(
            "The destination of traces: the URL of an OpenTelemetry collector's HTTP receiver. (default: no traces)",
            valueName: "url"
        )
    )
    var otlpEndpoint: String?

    @Option(help: "The format of the log on standard error: text or json. (default: text)")
    var logFormat: String?

    @Option(
        help: "The lowest level to log: trace, debug, info, notice, warning, error or critical. (default: info)"
    )
    var logLevel: String?

    @Flag(help: "Accept requests without a token, on loopback addresses and Unix sockets only.")
    var noAuth = false

    @OptionGroup
    var network: NetworkOptions

    func run() async throws {
        let reader = flags.reader
        let format = Settings.logFormat(of: reader)
        try await reporting(format) {
            let server = try await Server.build(Settings(reader))
            try await server.run {
                Self.say(format.line("berth is ready on \($0), \(server.settings.summary)"))
            }
        }
    }

    private var flags: Flags {
        var flags = Flags()
        options.set(in: &flags)
        secretKey.set(in: &flags)
        flags.set("listen", listen)
        ssh.set(in: &flags)
        flags.set("keep-finished", keepFinished)
        flags.set("keep-records", keepRecords)
        flags.set("keep-audit", keepAudit)
        flags.set("container-metrics", containerMetrics ? "true" : nil)
        flags.set("no-metrics", noMetrics ? "true" : nil)
        flags.set("no-auth", noAuth ? "true" : nil)
        network.set(in: &flags)
        flags.set("otlp-endpoint", otlpEndpoint)
        flags.set("log-format", logFormat)
        flags.set("log-level", logLevel)
        flags.set("hosts", hosts)
        return flags
    }
}

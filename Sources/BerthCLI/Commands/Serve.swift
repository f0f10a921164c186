import ArgumentParser
import BerthServer

/// `berth serve`: runs the server.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the HTTP API.",
        discussion: """
            Each option is also an environment variable: BERTH_ and the option in capitals, _ for -, such as \
            BERTH_STATE_DIR. Hosts are BERTH_HOSTS, comma separated. An option wins over its variable.

            Prints one line when it is ready. Ends on SIGTERM or Ctrl-C after what runs has finished (30 s at most); \
            the containers go on. Exits with 1 and one line when it cannot start.
            """
    )

    @Option(
        help: "Where to listen: 127.0.0.1:PORT, [::1]:PORT, localhost:PORT or unix:/PATH. (default: 127.0.0.1:8080)"
    )
    var listen: String?

    @OptionGroup
    var options: DatabaseOptions

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
            How long finished containers are kept, and then their records for as long again: a number and s, m, h, d or \
            w. (default: 30d)
            """
    )
    var keepFinished: String?

    @Option(help: "How many finished runs are kept at most, 1000 to 10000000. (default: 100000)")
    var keepRecords: String?

    @Flag(
        help: "Measure the processors, memory and network that each app's containers use, for GET /metrics."
    )
    var containerMetrics = false

    @Flag(help: "Count nothing, and answer 404 to GET /metrics.")
    var noMetrics = false

    @Option(
        help: ArgumentHelp(
            "Where to bring traces: the URL of an OpenTelemetry collector's HTTP receiver. (default: nowhere)",
            valueName: "url"
        )
    )
    var otlpEndpoint: String?

    @Option(help: "text or json, to standard error. (default: text)")
    var logFormat: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    @Flag(
        help:
            "Ask nobody who they are. So it is in this version in any case, which is why it listens to this machine alone."
    )
    var noAuth = false

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
        flags.set("listen", listen)
        ssh.set(in: &flags)
        flags.set("keep-finished", keepFinished)
        flags.set("keep-records", keepRecords)
        flags.set("container-metrics", containerMetrics ? "true" : nil)
        flags.set("no-metrics", noMetrics ? "true" : nil)
        flags.set("otlp-endpoint", otlpEndpoint)
        flags.set("log-format", logFormat)
        flags.set("log-level", logLevel)
        flags.set("hosts", hosts)
        return flags
    }
}

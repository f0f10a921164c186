import ArgumentParser

/// The options of a server for clients on other machines.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file of the server's certificate and those that lead to its authority, as PEM: enables TLS.",
            valueName: "file"
        )
    )
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The file of the certificate's private key, as PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        name: .customLong("allowed-host"),
        help: ArgumentHelp(
            "A further name of the server that clients may send in the Host header; repeatable.",
            valueName: "name"
        )
    )
    var allowedHosts: [String] = []

    @Option(
        name: .customLong("trusted-proxy"),
        help: ArgumentHelp(
            "The address or network of a proxy whose X-Forwarded-… headers are used; repeatable.",
            valueName: "address"
        )
    )
    var trustedProxies: [String] = []

    @Option(
        help: """
            How many requests an address may send in a minute without a valid token; a token may send ten times as many. \
            0 for no limit. (default: 600)
            """
    )
    var rateLimit: String?

    @Flag(help: "Answer GET /metrics without a token.")
    var openMetrics = false

    func set(in flags: inout Flags) {
        flags.set("tls-certificate", tlsCertificate)
        flags.set("tls-key", tlsKey)
        flags.set("allowed-hosts", allowedHosts)
        flags.set("trusted-proxies", trustedProxies)
        flags.set("rate-limit", rateLimit)
        flags.set("open-metrics", openMetrics ? "true" : nil)
    }
}

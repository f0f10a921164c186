/// The release of the OpenSSH client, which determines the options it knows.
struct SSHVersion: Sendable, Equatable, Comparable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Parses the output of `ssh -V`, such as `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026`.
    init?(printed text: String) {
        guard let start = text.firstRange(of: "OpenSSH_")?.upperBound else { return nil }
        let numbers = text[start...].prefix { $0.isNumber || $0 == "." }.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor)
    }

    static func < (left: SSHVersion, right: SSHVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// The version of the `ssh` in `PATH`; nil if it cannot be determined.
    ///
    /// Not cached: an upgrade may replace ssh while this process runs.
    static func installed(_ settings: SSHSettings) async throws -> SSHVersion? {
        let exit = try await SSHProcess(arguments: ["-V"], settings: settings).run(within: .seconds(10))
        return exit.flatMap { SSHVersion(printed: $0.standardError) }
    }
}

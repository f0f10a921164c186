package import Berth
package import Configuration
package import DockerEngine
import FoundationEssentials
import Glibc
package import Logging
package import SQL

/// The server's settings, read once at its start and validated.
package struct Settings: Sendable {
    package let listen: ListenAddress
    /// Whether clients must send a token; not on a Unix socket, whose file mode decides.
    package let hasAuthentication: Bool
    package let network: NetworkSettings
    package let database: DatabaseURL
    /// The first is the default.
    package let hosts: [(name: HostName, address: EngineAddress)]
    package let stateDirectory: String
    /// The file of the key with which secrets are encrypted.
    package let secretKeyFile: String
    package let ssh: SSHSettings
    /// How long finished runs, their records and the audit log are kept.
    package let retention: RetentionPolicy
    /// Whether `GET /metrics` is enabled, and with it the counting of requests, runs and everything else.
    package let hasMetrics: Bool
    /// Whether the engines are queried for the resource usage of containers.
    package let hasContainerMetrics: Bool
    /// The destination of spans; nil disables the export.
    package let otlpEndpoint: OTLPEndpoint?
    package let logFormat: LogFormat
    package let logLevel: Logger.Level

    /// Reads `berth.*` from flags and environment; the first provider of `config` with a value wins.
    ///
    /// - Throws: ``SettingsError``, with one line that names the invalid flag and its valid form.
    package init(_ config: ConfigReader) throws {
        let config = config.scoped(to: "berth")
        listen = try ListenAddress(config.string(forKey: "listen") ?? "127.0.0.1:8080")
        hasAuthentication = try !flag(config.string(forKey: "no-auth"), "--no-auth")
        network = try NetworkSettings(config)
        guard hasAuthentication || listen.isLocal else {
            throw SettingsError(
                "--listen \(listen) accepts connections from other machines, so clients must send a token: remove "
                    + "--no-auth, or listen on 127.0.0.1, [::1], localhost or unix:/path"
            )
        }
        guard network.tls == nil || !listen.isUnixSocket else {
            throw SettingsError("--tls-certificate is not possible with --listen unix:/path; remove one of them")
        }
        stateDirectory = try Self.stateDirectory(config)
        secretKeyFile = try Self.secretKeyFile(config.string(forKey: "secret-key-file"), stateDirectory: stateDirectory)
        database = try Self.database(config.string(forKey: "database"), stateDirectory: stateDirectory)
        hosts = try Self.hosts(config.stringArray(forKey: "hosts") ?? [])
        ssh = try Self.ssh(config.string(forKey: "ssh-config"), stateDirectory: stateDirectory)
        retention = try RetentionPolicy(
            keepFinished: config.string(forKey: "keep-finished"),
            keepRecords: config.string(forKey: "keep-records"),
            keepAudit: config.string(forKey: "keep-audit")
        )
        hasMetrics = try !flag(config.string(forKey: "no-metrics"), "--no-metrics")
        hasContainerMetrics = try flag(config.string(forKey: "container-metrics"), "--container-metrics")
        otlpEndpoint = try config.string(forKey: "otlp-endpoint").map { try OTLPEndpoint($0) }
        logFormat = try Self.logFormat(config)
        logLevel = try choice(config.string(forKey: "log-level"), Logger.Level.info, "--log-level")
    }

    /// The format of the log, even if the other settings are invalid.
    package static func logFormat(of config: ConfigReader) -> LogFormat {
        (try? logFormat(config.scoped(to: "berth"))) ?? .text
    }

    private static func logFormat(_ config: ConfigReader) throws(SettingsError) -> LogFormat {
        try choice(config.string(forKey: "log-format"), .text, "--log-format")
    }

    /// The server's settings for ssh, for commands that open their own connections.
    ///
    /// - Throws: ``SettingsError``.
    package static func ssh(_ config: ConfigReader) throws -> SSHSettings {
        let config = config.scoped(to: "berth")
        return try ssh(config.string(forKey: "ssh-config"), stateDirectory: stateDirectory(config))
    }

    static func stateDirectory(_ config: ConfigReader) throws -> String {
        try absolute(config.string(forKey: "state-dir") ?? defaultStateDirectory, "--state-dir")
    }

    static var defaultStateDirectory: String {
        let environment = ProcessInfo.processInfo.environment
        if let directory = environment["XDG_STATE_HOME"], directory.hasPrefix("/") { return directory + "/berth" }
        if getuid() == 0 { return "/var/lib/berth" }
        return (environment["HOME"] ?? "/tmp") + "/.local/state/berth"
    }

    static func secretKeyFile(_ path: String?, stateDirectory: String) throws(SettingsError) -> String {
        try path.map { path throws(SettingsError) in try absolute(path, "--secret-key-file") }
            ?? stateDirectory + "/secret-key"
    }

    /// - Parameter flag: the name of the flag for the error text.
    static func database(
        _ text: String?,
        stateDirectory: String,
        flag: String = "--database"
    ) throws(SettingsError) -> DatabaseURL {
        guard let text else { return .sqlite(path: stateDirectory + "/berth.db") }
        do {
            guard case .sqlite(let path) = try DatabaseURL(text), !path.hasPrefix("/") else {
                return try DatabaseURL(text)
            }
            return .sqlite(path: FileManager.default.currentDirectoryPath + "/" + path)
        } catch {
            throw SettingsError(
                "\(flag) must be sqlite:PATH or mysql://user:password@host:port/database: \(error)"
            )
        }
    }

    private static func hosts(_ texts: [String]) throws(SettingsError) -> [(name: HostName, address: EngineAddress)] {
        guard !texts.isEmpty else { return [try localHost()] }
        var hosts: [(name: HostName, address: EngineAddress)] = []
        for text in texts {
            let host = try Self.host(text)
            guard !hosts.contains(where: { $0.name == host.name }) else {
                throw SettingsError("--host: the name \(host.name) is used twice; give each host a different name")
            }
            hosts.append(host)
        }
        return hosts
    }

    /// The engine that Docker's own tools would use by default.
    static func localHost(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SettingsError) -> (name: HostName, address: EngineAddress) {
        let values = environment.filter { !$0.value.isEmpty }
        guard let address = values["DOCKER_HOST"] else { return try host("local=unix:///var/run/docker.sock") }
        guard address.hasPrefix("tcp://"), !address.contains("?") else {
            return try host("local=" + address, of: "DOCKER_HOST")
        }
        // Docker's tools verify the engine only if DOCKER_TLS_VERIFY is set; Berth always does.
        let standard = values["DOCKER_TLS_VERIFY"] == nil ? nil : values["HOME"].map { $0 + "/.docker" }
        if let certificates = values["DOCKER_CERT_PATH"] ?? standard {
            let directory = try absolute(certificates, "DOCKER_CERT_PATH")
            return try host("local=\(address)?certs=\(directory)", of: "DOCKER_HOST with DOCKER_CERT_PATH")
        }
        if let host = try? host("local=\(address)?tls=off") { return host }
        _ = try host("local=\(address)?certs=/", of: "DOCKER_HOST")
        throw SettingsError(
            "DOCKER_HOST: \(address) needs TLS. Set DOCKER_CERT_PATH to the directory of ca.pem, cert.pem and key.pem, "
                + "as for Docker's own tools"
        )
    }

    /// - Parameter source: where the text comes from, if it is not a flag.
    private static func host(
        _ text: String,
        of source: String? = nil
    ) throws(SettingsError) -> (name: HostName, address: EngineAddress) {
        guard let equals = text.firstIndex(of: "=") else {
            throw SettingsError("--host must be NAME=ENDPOINT, such as web=ssh://deploy@web.example.org")
        }
        let name = String(text[..<equals])
        do {
            return (try HostName(name), try EngineAddress(String(text[text.index(after: equals)...])))
        } catch let error as InvalidEngineAddress {
            throw SettingsError("\(source ?? "--host \(name)"): \(error.message)")
        } catch let error as InvalidValue {
            throw SettingsError("--host: the name \(error.message)")
        } catch {
            throw SettingsError("--host \(name): the endpoint is invalid")
        }
    }

    private static func ssh(_ config: String?, stateDirectory: String) throws(SettingsError) -> SSHSettings {
        let directory = stateDirectory + "/ssh"
        guard directory.utf8.count <= SSHSettings.maximumDirectoryBytes else {
            throw SettingsError(
                "--state-dir \(stateDirectory) is too long for the paths of sockets: the limit is "
                    + "\(SSHSettings.maximumDirectoryBytes - "/ssh".utf8.count) bytes"
            )
        }
        guard SSHSettings.allows(directory: directory) else {
            throw SettingsError(
                "--state-dir \(stateDirectory) contains one of \(SSHSettings.charactersWithMeaning), which have a "
                    + "special meaning for ssh; choose another directory"
            )
        }
        let configuration: SSHSettings.Configuration =
            switch config {
            case nil: .user
            case "none": .none
            case .some(let path): .file(try absolute(path, "--ssh-config"))
            }
        return SSHSettings(
            directory: directory,
            knownHostsFile: stateDirectory + "/known_hosts",
            configuration: configuration
        )
    }
}

extension Settings {
    /// The environment without empty variables, which count as unset, and without empty elements in lists.
    package static func given(_ environment: [String: String]) -> [String: String] {
        var environment = environment
        for name in ["BERTH_HOSTS", "BERTH_ALLOWED_HOSTS", "BERTH_TRUSTED_PROXIES"] {
            let parts = environment[name]?.split(separator: ",").filter { !$0.allSatisfy(\.isWhitespace) }
            environment[name] = parts?.joined(separator: ",")
        }
        return environment.filter { !$0.key.hasPrefix("BERTH_") || !$0.value.isEmpty }
    }
}

/// An error in a flag or a variable, as one line for the administrator.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

func absolute(_ path: String, _ flag: String) throws(SettingsError) -> String {
    guard !path.isEmpty, !path.contains("\""), !path.contains("\n") else {
        throw SettingsError("\(flag) must be a path without quotes and line breaks")
    }
    return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}

/// Whether a flag is set; in the environment a flag has a value.
func flag(_ text: String?, _ flag: String) throws(SettingsError) -> Bool {
    guard let text else { return false }
    guard let isSet = Bool(spelledOut: text) else {
        throw SettingsError("\(flag) must be true or false in the environment, not \(text)")
    }
    return isSet
}

private func choice<Value: RawRepresentable & CaseIterable>(
    _ text: String?,
    _ standard: Value,
    _ flag: String
) throws(SettingsError) -> Value where Value.RawValue == String {
    guard let text else { return standard }
    guard let value = Value(rawValue: text) else {
        throw SettingsError(
            "\(flag) must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")), not \(text)"
        )
    }
    return value
}

extension Settings {
    /// The settings in one line, for the message that the server is ready.
    package var summary: String {
        let hosts = hosts.map { "\($0.name)=\($0.address)" }.joined(separator: ", ")
        return "database \(database), hosts \(hosts)"
    }
}

import DockerEngine
import FoundationEssentials
import JSON
import Logging
import Testing

@testable import Berth

// Values that tests need but do not test.

extension Timestamp {
    static let noon = Timestamp(milliseconds: 1_795_435_200_000)
    static let later = Timestamp(milliseconds: 1_795_435_260_000)
}

extension AppSettings {
    static func example(
        image: String = "nginx",
        command: [String]? = nil,
        variables: [(String, String)] = []
    ) throws -> AppSettings {
        AppSettings(
            image: try ImageReference(image),
            command: try command.map { words in try Command(words: words) },
            variables: try Variables(variables.map { name, value in try Variable(name: name, value: value) })
        )
    }
}

extension AppSettings {
    /// Settings in which every field is set.
    static func full() throws -> AppSettings {
        var settings = try example(image: "nginx:1", command: ["a", "b c"], variables: [("X", "1"), ("Y", "")])
        settings.entrypoint = try Command(words: ["/e", "-x"])
        settings.host = try HostName("two")
        try settings.ports.append(Port(container: 53, host: 53, address: "127.0.0.1", transport: .udp))
        try settings.ports.append(Port(container: 80, host: 8080, transport: .tcp))
        try settings.ports.append(Port(container: 80, host: nil, transport: .udp))
        try settings.volumes.append(Volume(name: "data", target: "/data", isReadOnly: false))
        try settings.volumes.append(Volume(name: "data", target: "/ro", isReadOnly: true))
        try settings.labels.append(Label(name: "team", value: "a b"))
        settings.memory = 64 << 20
        settings.cpus = CPUs(billionths: 1_500_000_000)
        settings.restart = .onFailure(retries: 3)
        settings.user = "1000:1000"
        settings.workingDirectory = "/w"
        settings.stopTimeout = 3
        settings.maxRuntime = 60
        settings.pull = .always
        settings.health = try HealthCheck.example()
        try settings.tmpfs.append(TmpfsMount(target: "/run", size: 1 << 20))
        settings.readOnly = true
        settings.sharedMemory = 1 << 20
        settings.pidsLimit = 100
        try settings.ulimits.append(Ulimit(name: "nofile", soft: 1024, hard: -1))
        settings.network = "shop"
        settings.hostname = "web"
        try settings.extraHosts.append(ExtraHost(name: "db", value: "10.0.0.1"))
        settings.usesInit = true
        settings.stopSignal = "SIGQUIT"
        return settings
    }
}

extension HealthCheck {
    static func example() throws -> HealthCheck {
        try FieldDecoder.health.read(
            ["http": ["port": 80, "path": "/up?a=1"], "interval": 5, "timeout": 2, "retries": 4, "start_period": 9],
            .root
        )
    }
}

extension Caller {
    static let tester = Caller.named("tester")

    static func named(_ name: String, operation: IdempotentRequest? = nil) -> Caller {
        Caller(Principal(id: name, name: name, role: .admin, scope: .everything), operation: operation)
    }

    /// An operation, either new or repeated.
    static func example(_ operation: String, isRepeated: Bool = false) -> Caller {
        .named("tester", operation: IdempotentRequest(id: operation, isRepeated: isRepeated))
    }
}

extension Apps {
    /// With one host that has no engine.
    static func example(on store: Store) async throws -> Apps {
        try await Platform(
            store: store,
            hosts: [(HostName("local"), EngineAddress("unix:///nonexistent/docker.sock"))],
            ssh: SSHSettings(
                directory: "/nonexistent",
                knownHostsFile: "/nonexistent/known_hosts",
                configuration: .none
            ),
            encode: EncodedRun.Forms.example,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ).apps
    }
}

// Defaults for values that most store tests do not depend on.
extension Store {
    func begin(key: String, fingerprint: String, at now: Timestamp) async throws -> Begun {
        try await begin(key: key, of: "tester", fingerprint: fingerprint, at: now)
    }

    func createApp(_ name: AppName, _ settings: AppSettings, at now: Timestamp) async throws -> App {
        try await createApp(name, settings, by: .tester, at: now)
    }

    func changeApp(
        _ name: AppName,
        at now: Timestamp,
        _ change: @escaping @Sendable (AppSettings) throws -> AppSettings
    ) async throws -> App? {
        do {
            return try await changeApp(name, ifRelease: nil, by: .tester, at: now, change)
        } catch BerthError.appNotFound {
            return nil
        }
    }

    func deleteApp(_ name: AppName, withRuns runs: Set<RunID>) async throws -> Bool {
        try await deleteApp(name, withRuns: runs, ifRelease: nil)
    }

    func recordIntent(of name: AppName, on host: HostName, at now: Timestamp) async throws -> Intent? {
        guard let app = try await app(name) else { return nil }
        return try await recordIntents(
            of: app,
            items: [0],
            on: host,
            wasQueued: false,
            by: .tester,
            at: now
        )?.first
    }
}

extension ContainerID {
    /// The id whose digits are all `digit`.
    static func example(_ digit: Character = "a") throws -> ContainerID {
        try #require(ContainerID(String(repeating: digit, count: 64)))
    }
}

extension Run {
    static func example(
        _ id: String = "run1",
        app: String = "web",
        host: String = "local",
        state: RunState = .pending,
        container: ContainerID? = nil,
        wasQueued: Bool = false
    ) throws -> Run {
        var run = Run(
            id: RunID(recorded: id),
            name: RunName(recorded: "\(app)-\(id)"),
            app: try AppName(app),
            release: 1,
            host: try HostName(host),
            image: "nginx",
            wasQueued: wasQueued,
            state: state,
            createdAt: .noon
        )
        run.containerID = container
        return run
    }
}

extension EncodedRun.Forms {
    /// The run's name and state.
    @Sendable static func example(of run: Run) -> Self {
        Self(full: Array("\(run.name) \(run.state)".utf8), short: [])
    }
}

extension RunCache {
    convenience init(_ runs: [Run], start: Int64 = 1, remembered: Int = 8192) {
        self.init(runs, feed: ChangeFeed(start: start, capacity: remembered), encode: EncodedRun.Forms.example)
    }
}

extension RunCache {
    /// Adds a run that the caller is starting.
    func addLocked(_ run: Run) { add([run], isLocked: true) }

    /// Adds runs for ``QueuedRuns`` to start.
    func enqueue(_ runs: [Run]) { add(runs, isLocked: false) }

    private func add(_ runs: [Run], isLocked: Bool) {
        for run in runs where reserve(1, of: run.app, limit: nil) == nil {
            add([run], isLocked: isLocked, toRoomOf: run.app)
        }
    }
}

extension RunView {
    /// The value that ``EncodedRun/Forms/example(of:)`` wrote.
    var text: String { String(decoding: encoded.full, as: UTF8.self) }
}

extension Observation {
    static let never = "0001-01-01T00:00:00Z"

    /// The observation that inspect would give for a container in the state that Docker calls `status`.
    ///
    /// - Parameter startedAt: nil for the usual time of a container in this state.
    static func example(
        _ status: String,
        id: ContainerID,
        name: String = "/web-run1",
        exitCode: Int = 0,
        oomKilled: Bool = false,
        startedAt: String? = nil,
        finishedAt: String = Observation.never,
        image: String = "nginx",
        failure: String = ""
    ) throws -> Observation {
        let startedAt = startedAt ?? (status == "created" ? never : "2026-11-23T12:00:01.5Z")
        let json = """
            {"Id": "\(id)", "Name": "\(name)", "Image": "sha256:1", "Created": "2026-11-23T12:00:00Z",
             "State": {"Status": "\(status)", "ExitCode": \(exitCode), "OOMKilled": \(oomKilled), "Error": "\(failure)",
                       "StartedAt": "\(startedAt)", "FinishedAt": "\(finishedAt)"},
             "Config": {"Image": "\(image)", "Cmd": null, "Env": null, "Labels": null, "Tty": false}}
            """
        return Observation(try JSONDecoder().decode(ContainerDetails.self, from: Data(json.utf8)))
    }
}

import DockerEngine
import FakeEngine
import Logging
import TestSupport
import Testing

@testable import Berth

/// Berth on a simulated engine, without HTTP and without a lab.
struct FakePlatform {
    let platform: Platform
    let engine: FakeEngine
    let host: HostConnection

    var runner: Runner { platform.runner }
    var runs: RunCache { platform.runs }

    /// Runs `body` while the host is connected, unless `connects` is false.
    ///
    /// - Parameter unreachable: another host, without an engine.
    static func with(
        _ behavior: FakeEngineBehavior = FakeEngineBehavior(),
        connects: Bool = true,
        beside unreachable: String? = nil,
        _ body: (FakePlatform) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try await FakeEngine.with(behavior, at: directory + "/docker.sock") { engine in
                let platform = try await Platform(
                    store: .inMemory(),
                    hosts: [(HostName("local"), EngineAddress(engine.endpoint))]
                        + (unreachable.map { [(try HostName($0), try EngineAddress("unix:///nonexistent/x"))] } ?? []),
                    ssh: SSHSettings(directory: "/nonexistent", knownHostsFile: "/nonexistent/x", configuration: .none),
                    samplesUsage: true,
                    encode: EncodedRun.Forms.example,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
                let host = platform.hosts.all[0]
                try await withTask {
                    try await platform.hosts.run()
                } during: {
                    if connects { try await eventually("it is connected") { host.status.state == .connected } }
                    try await body(FakePlatform(platform: platform, engine: engine, host: host))
                }
            }
        }
    }

    /// Creates an app and starts runs of it.
    func start(_ app: String = "web", count: Int = 1, maxRuntime: Int? = nil) async throws -> [Run] {
        let name = try AppName(app)
        var settings = try AppSettings.example()
        settings.maxRuntime = maxRuntime
        _ = try await platform.apps.create(name, settings, by: .tester)
        return try await runner.start(RunRequest(app: name, count: count), by: .tester).map(\.run)
    }

    func state(of run: Run) -> RunState? { runs.entry(run.id)?.run.state }
}

import BerthAPI
import DockerEngine
import FoundationEssentials
import Glibc
import JSON
import Subprocess
import SystemPackage
import Testing

@testable import BerthBench

/// The output of `berth bench` for a real server over real SSH, and what it leaves behind.
@Suite(.serialized) struct BenchTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `The benchmark measures every layer and the engine, and leaves nothing behind`() async throws {
        try await withServer { server in
            let result = try await runBerth(
                arguments: arguments(server) + ["--runs", "5", "--json"],
                environment: environment(server)
            )
            #expect(result.isSuccess, "\(result.error)")
            let report = try JSONReader.parse(Array(result.output.utf8))
            checkRuns(report)
            checkLayers(report)
            checkEnds(report)
            checkLists(report)
            try await checkNothingIsLeft(server)
        }
    }

    @Test func `Without access to the engine, the benchmark says so and measures only Berth`() async throws {
        try await withServer { server in
            let result = try await runBerth(
                arguments: ["bench", "--server", server.client.url, "--ssh-config", "none", "--runs", "2"]
                    + ["--state-dir", server.stateDirectory + "/empty"],
                environment: environment(server)
            )
            #expect(result.isSuccess, "\(result.error)")
            #expect(result.output.contains("The engine itself was not measured: ssh://"))
            #expect(result.output.contains("host key is known for [127.0.0.1]"))
            #expect(result.output.contains("engine: Docker"))
            try await checkNothingIsLeft(server)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `An interrupted benchmark cleans up, says so and fails`(signal: Int32) async throws {
        try await withServer { server in
            let (status, said) = try await bench(server) { kill($0, signal) }
            #expect(status == .exited(1))
            #expect(said.last == "berth: interrupted; everything that was created has been removed")
            try await checkNothingIsLeft(server)
        }
    }

    @Test func `A different engine at the same endpoint is not taken for the host's engine`() async throws {
        try await PrivateEngine.with { other in
            let mount = "mount --bind '\(lab.engineSocket)' '\(other.socket)' && exec \"$@\""
            try await BerthProcess.with(
                hosts: ["near=unix://\(other.socket)"],
                launcher: ["unshare", "-m", "sh", "-c", mount, "sh"]
            ) { server in
                try await server.client.waitForHost("near", "connected")
                let result = try await runBerth(
                    arguments: arguments(server) + ["--runs", "1"],
                    environment: environment(server)
                )
                #expect(result.isSuccess, "\(result.error)")
                #expect(result.output.contains("leads to a different engine from here than from the server"))
                try await checkNothingIsLeft(server)
            }
        }
    }

    @Test func `If the server is killed, the benchmark says how to remove the remaining app`()
        async throws
    {
        try await withServer { server in
            let (status, said) = try await bench(server) { _ in server.send(SIGKILL) }
            #expect(status == .exited(1))
            let line = said.last ?? ""
            #expect(line.hasPrefix("berth: "))
            #expect(line.contains("curl -X DELETE '\(server.client.url)/v1/apps/bench-"), "\(line)")
            let left = try await lab.withEngine { try await $0.containers() }
            let direct = left.filter { $0.labels?["berth.bench"] != nil }
            #expect(direct.isEmpty)
            try await remove(left.filter { isOfBench($0.labels) } + direct)
        }
    }

    @Test func `A container that the engine creates after the benchmark stopped waiting is removed too`()
        async throws
    {
        let names = BenchNames()
        let unanswered = UnansweredNames()
        unanswered.add(names.container(7))
        let ssh = SSHSettings(directory: "/none", knownHostsFile: "/none", configuration: .none)
        let cleanUp = CleanUp(
            server: try APIAddress("http://127.0.0.1:1"),
            token: nil,
            names: names,
            engine: try RawEngine(endpoint: lab.unixEndpoint, ssh: ssh),
            unanswered: unanswered
        )
        async let late: Void = makeLate(names)
        let left = await cleanUp.run()
        try await late
        let containers = try await lab.withEngine { try await $0.containers(labels: [names.filter]) }
        #expect(containers.isEmpty)
        try await remove(containers)
        #expect(left.count == 1, "the server that is not there has to be named: \(left)")
    }

    @Test func `An image that cannot be pulled gives a one-line error, and nothing is left`() async throws {
        try await withServer { server in
            let image = "\(lab.registry)/nothing:here"
            let result = try await runBerth(
                arguments: arguments(server) + ["--image", image],
                environment: environment(server)
            )
            #expect(result.isLastLineARefusal, "\(result.error)")
            #expect(result.error.contains(image))
            try await checkNothingIsLeft(server)
        }
    }

    @Test func `A missing server gives a one-line error with advice`() async throws {
        let result = try await runBerth("bench", "--server", "http://127.0.0.1:1")
        #expect(result.isRefusal, "\(result.error)")
        #expect(result.error.contains("http://127.0.0.1:1: Connection refused"))
        #expect(result.error.contains("berth serve"))
    }

    @Test func `An address that is not a Berth server gives a one-line error`() async throws {
        for address in [lab.registry, "127.0.0.1:\(lab.sshPort)"] {
            let result = try await runBerth("bench", "--server", "http://\(address)")
            #expect(result.isRefusal, "\(result.error)")
            #expect(result.error.contains("it is not a Berth server"), "\(result.error)")
        }
    }

    @Test func `The benchmark reaches a server on a Unix socket`() async throws {
        try await withDirectory { directory in
            let socket = "unix:\(directory)/api.sock"
            let result = try await Subprocess.run(
                .path(FilePath(BerthProcess.binary)),
                arguments: Arguments(
                    ["serve", "--listen", socket, "--state-dir", directory, "--host", "gone=unix:///run/no.sock"]
                ),
                input: .none,
                output: .sequence,
                error: .discarded
            ) { process in
                for try await line in process.standardOutput.strings() where line.hasPrefix("berth is ready") {
                    break
                }
                let result = try await runBerth("bench", environment: ["BERTH_SERVER": socket])
                try process.send(signal: .kill)
                return result
            }
            #expect(result.closureResult.error.contains("the host gone is "), "\(result.closureResult.error)")
        }
    }

    @Test func `An unreachable or unknown host gives a one-line error with the reason`() async throws {
        try await BerthProcess.with(hosts: ["gone=unix:///run/no.sock"]) { server in
            try await server.client.waitForHost("gone", "unreachable/engine_down")
            let away = try await runBerth("bench", "--server", server.client.url)
            #expect(away.isRefusal)
            #expect(away.error.contains("the host gone is unreachable (engine_down): "), "\(away.error)")
            let unknown = try await runBerth("bench", "--server", server.client.url, "--host", "other")
            #expect(unknown.isRefusal)
            #expect(unknown.error.contains("no host other; its hosts are gone"), "\(unknown.error)")
        }
    }

    @Test(arguments: [["--runs", "0"], ["--runs", "1001"], ["--runs", "x"]])
    func `An invalid number of runs is a usage error`(arguments: [String]) async throws {
        let result = try await runBerth(arguments: ["bench"] + arguments)
        #expect(result.status == .exited(64))
        #expect(result.error.contains("--runs"))
    }

    @Test(arguments: [["--server", "127.0.0.1:8080"], ["--command", "sh -c 'x"]])
    func `An invalid address or command gives a one-line error`(arguments: [String]) async throws {
        let result = try await runBerth(arguments: ["bench"] + arguments)
        #expect(result.isRefusal, "\(result.error)")
    }
}

// The parts of the tests.
extension BenchTests {
    private func withServer(_ body: @escaping @Sendable (BerthProcess) async throws -> Void) async throws {
        try await BerthProcess.with(hosts: ["far=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.waitForHost("far", "connected")
            try await body(server)
        }
    }

    private func arguments(_ server: BerthProcess) -> [String] {
        [
            "bench", "--server", server.client.url, "--ssh-config", lab.sshConfig, "--state-dir", server.stateDirectory,
        ]
    }

    /// Waits until a measurement has created a container both through Berth and directly.
    private func waitForBothKinds() async throws {
        try await eventually("a container by each way") {
            let all = try await lab.withEngine { try await $0.containers() }
            return all.contains { $0.labels?["berth.bench"] != nil } && all.contains { isOfBench($0.labels) }
        }
    }

    /// Runs a long measurement.
    ///
    /// - Parameter disturb: called with the process once there are containers of both kinds.
    /// - Returns: how it ended, and its lines on standard error.
    private func bench(
        _ server: BerthProcess,
        _ disturb: @escaping @Sendable (pid_t) -> Void
    ) async throws -> (TerminationStatus, [String]) {
        let result = try await Subprocess.run(
            .path(FilePath(BerthProcess.binary)),
            arguments: Arguments(arguments(server) + ["--runs", "1000"]),
            environment: .inherit.updating(["TMPDIR": environment(server)["TMPDIR"]]),
            input: .none,
            output: .discarded,
            error: .sequence
        ) { process in
            var said: [String] = []
            for try await line in process.standardError.strings() {
                said.append(line.filter { !$0.isNewline })
                guard line.contains("bench: 1000 runs") else { continue }
                try await waitForBothKinds()
                disturb(process.processIdentifier.value)
            }
            return said
        }
        return (result.terminationStatus, result.closureResult)
    }

    private func remove(_ containers: [ContainerSummary]) async throws {
        try await lab.withEngine { engine in
            for container in containers { try await engine.removeContainer(container.id, force: true) }
        }
    }

    /// Imitates a slow engine.
    private func makeLate(_ names: BenchNames) async throws {
        try await Task.sleep(for: .seconds(1))
        let labels = [BenchNames.label: names.id]
        let spec = ContainerSpec(image: "busybox", command: ["true"], environment: [], labels: labels)
        _ = try await lab.withEngine { try await $0.createContainer(named: names.container(7), from: spec) }
    }

    private func isOfBench(_ labels: [String: String]?) -> Bool { labels?["berth.app"]?.hasPrefix("bench-") == true }

    private func checkNothingIsLeft(_ server: BerthProcess) async throws {
        let containers = try await lab.withEngine { try await $0.containers() }
        let left = containers.filter { $0.labels?["berth.bench"] != nil || isOfBench($0.labels) }
        #expect(left.isEmpty)
        try await remove(left)
        let apps = try await server.client.get("/v1/apps")
        #expect(apps["items"].elements.isEmpty)
        let runs = try await server.client.get("/v1/runs")
        #expect(runs["items"].elements.isEmpty)
        let files = try FileManager.default.contentsOfDirectory(atPath: temporary(server))
        #expect(files.isEmpty)
        #expect(Processes.tunnels(into: temporary(server)).isEmpty)
    }

    /// The directory for a measurement's own sockets.
    private func temporary(_ server: BerthProcess) -> String { server.stateDirectory + "/t" }

    private func environment(_ server: BerthProcess) throws -> [String: String] {
        try FileManager.default.createDirectory(atPath: temporary(server), withIntermediateDirectories: true)
        return ["TMPDIR": temporary(server)]
    }
}

extension CommandResult {
    /// Exit code 1, and one error line after the lines of the progress.
    fileprivate var isLastLineARefusal: Bool {
        let lines = error.split(separator: "\n")
        return status == .exited(1) && lines.last?.hasPrefix("berth: ") == true
            && lines.dropLast().allSatisfy { $0.hasPrefix("bench: ") }
    }
}

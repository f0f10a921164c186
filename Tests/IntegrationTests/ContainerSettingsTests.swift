import DockerEngine
import TestSupport
import Testing

/// Container settings, as the real engine reports them and as the container itself sees them.
@Suite struct ContainerSettingsTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `The engine returns each setting as it was given`() async throws {
        try await withEngine { engine, name in
            var spec = ContainerSpec(image: "busybox", command: ["b c"], environment: [], labels: [:])
            spec.config.entrypoint = ["/bin/echo", "a"]
            spec.config.user = "nobody"
            spec.config.workingDirectory = "/srv/x"
            spec.config.stopTimeout = 600
            spec.hostConfig.portBindings = [
                PortBinding(ContainerPort(53, .udp)), PortBinding(ContainerPort(80), hostPort: 20001),
                PortBinding(ContainerPort(80), hostPort: 20002, hostAddress: "127.0.0.1"),
            ]
            spec.hostConfig.mounts = [ContainerMount(volume: name, target: "/data", isReadOnly: true)]
            spec.hostConfig.memoryBytes = 64 << 20
            spec.hostConfig.nanoCPUs = 500_000_000
            spec.hostConfig.restartPolicy = .onFailure(retries: 3)
            spec.config.hostname = "web"
            spec.config.stopSignal = "SIGQUIT"
            spec.config.health = EngineHealthCheck(test: ["CMD", "true"])
            spec.config.health?.interval = 5_000_000_000
            spec.hostConfig.networkMode = "bridge"
            spec.hostConfig.pidsLimit = 100
            spec.hostConfig.securityOptions = ["no-new-privileges"]
            spec.hostConfig.logConfig = LogConfig(driver: "json-file", options: ["max-size": "65536", "max-file": "2"])
            spec.hostConfig.ulimits = [Ulimit(name: "nofile", soft: 512, hard: 1024)]
            spec.hostConfig.sharedMemoryBytes = 1 << 20
            spec.hostConfig.tmpfs = ["/run": "size=65536"]
            spec.hostConfig.hasReadOnlyRoot = true
            spec.hostConfig.usesInit = true
            spec.hostConfig.extraHosts = ["db:10.0.0.1"]
            let details = try await engine.container(engine.createContainer(named: name, from: spec))
            #expect(details.config.entrypoint == spec.config.entrypoint)
            #expect(details.config.command == spec.config.command)
            #expect(details.config.user == "nobody")
            #expect(details.config.workingDirectory == "/srv/x")
            #expect(details.config.stopTimeout == 600)
            #expect(details.hostConfig == spec.hostConfig)
            #expect(details.config.hostname == "web")
            #expect(details.config.stopSignal == "SIGQUIT")
            #expect(details.config.health == spec.config.health)
            #expect(details.publishedPorts.isEmpty)
        }
    }

    @Test func `A plain container gets no settings, and its image's settings are recognised`() async throws {
        try await withEngine { engine, name in
            let spec = ContainerSpec(image: "nginx", command: nil, environment: ["A=1"], labels: [:])
            let details = try await engine.container(engine.createContainer(named: name, from: spec))
            #expect(details.config.user == nil)
            #expect(details.config.workingDirectory == nil)
            #expect(details.config.stopTimeout == nil)
            #expect(details.hostConfig?.memoryBytes == nil)
            #expect(details.hostConfig?.nanoCPUs == nil)
            #expect(details.hostConfig?.portBindings == [])
            #expect(details.hostConfig?.mounts == [])
            let image = try await engine.image(ImageReference(details.image)).config
            #expect(image?.entrypoint == ["/docker-entrypoint.sh"])
            #expect(image?.entrypoint == details.config.entrypoint)
            #expect(image?.command == ["nginx", "-g", "daemon off;"])
            #expect(image?.command == details.config.command)
            #expect(image?.environment?.contains("A=1") != true)
        }
    }

    @Test func `User, working directory, entrypoint and limits take effect in the container`() async throws {
        try await withEngine { engine, name in
            let limits = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null"
            var spec = ContainerSpec(image: "nginx", command: ["-c"], environment: [], labels: [:])
            spec.config.entrypoint = ["sh"]
            spec.config.command = ["-c", "id -u; pwd; \(limits); true"]
            spec.config.user = "65534"
            spec.config.workingDirectory = "/srv/made"
            spec.hostConfig.memoryBytes = 64 << 20
            let output = try await output(of: spec, named: name, on: engine)
            #expect(output == "65534\n/srv/made\n\(64 << 20)\n")
        }
    }

    @Test func `An entrypoint drops the image's command, and an empty one drops the image's entrypoint`()
        async throws
    {
        try await withEngine { engine, name in
            var spec = ContainerSpec(image: "nginx", command: nil, environment: [], labels: [:])
            spec.config.entrypoint = ["echo", "alone"]
            #expect(try await output(of: spec, named: name, on: engine) == "alone\n")
            spec.config.entrypoint = []
            spec.config.command = ["true"]
            let details = try await engine.container(engine.createContainer(named: name + "-2", from: spec))
            #expect(details.config.entrypoint?.isEmpty != false)
        }
    }

    /// All addresses next to one of them would conflict on newer engines, which choose one port for both.
    @Test(arguments: [[nil], ["127.0.0.1", "127.0.0.2"]] as [[String?]])
    func `A published port is reachable through each of its host's ports`(addresses: [String?]) async throws {
        try await withEngine { engine, name in
            var spec = ContainerSpec(image: "nginx", command: nil, environment: [], labels: [:])
            let port = ContainerPort(80)
            spec.hostConfig.portBindings = addresses.map { PortBinding(port, hostAddress: $0) }
            let id = try await engine.createContainer(named: name, from: spec)
            try await engine.startContainer(id)
            let published = try await engine.container(id).publishedPorts
            #expect(Set(published.map(\.hostAddress)) == Set(addresses))
            #expect(published.allSatisfy { $0.container == port })
            for end in published {
                _ = try await HTTP.with(url: "http://\(end.hostAddress ?? "127.0.0.1"):\(end.hostPort)") { http in
                    try await eventually("nginx answers") { (try? await http.get("/").status) == 200 }
                }
            }
            try await engine.killContainer(id)
            let left = try await engine.container(id).publishedPorts
            #expect(left.isEmpty)
        }
    }

    @Test func `Data in a volume is readable in another container, and not writable if mounted read-only`() async throws
    {
        try await withEngine { engine, name in
            var spec = ContainerSpec(
                image: "busybox",
                command: ["sh", "-c", "echo kept >/data/x"],
                environment: [],
                labels: [:]
            )
            spec.hostConfig.mounts = [ContainerMount(volume: name, target: "/data")]
            let written = try await output(of: spec, named: name, on: engine)
            #expect(written.isEmpty)
            spec.hostConfig.mounts = [ContainerMount(volume: name, target: "/there", isReadOnly: true)]
            spec.config.command = [
                "sh", "-c", "cat /there/x; (echo no >/there/x) 2>/dev/null || echo refused; cat /there/x",
            ]
            let read = try await output(of: spec, named: name + "-2", on: engine)
            #expect(read == "kept\nrefused\nkept\n")
        }
    }

    @Test(arguments: ["/etc", "../etc", ".", "a/b", "/"])
    func `A directory of the host cannot be mounted in place of a volume`(source: String) async throws {
        try await withEngine { engine, name in
            var spec = ContainerSpec(image: "busybox", command: ["true"], environment: [], labels: [:])
            spec.hostConfig.mounts = [ContainerMount(volume: source, target: "/x")]
            let refused = spec
            let error = await #expect(throws: EngineError.self) {
                try await engine.createContainer(named: name, from: refused)
            }
            guard case .status(400, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `A container that fails is restarted if its policy says so`() async throws {
        try await withEngine { engine, name in
            var spec = ContainerSpec(image: "busybox", command: ["false"], environment: [], labels: [:])
            spec.config.command = ["sh", "-c", "echo once; exit 1"]
            spec.hostConfig.restartPolicy = .onFailure(retries: nil)
            let id = try await engine.createContainer(named: name, from: spec)
            try await engine.startContainer(id)
            try await eventually("it has run twice") {
                try await engine.log(of: id).hasPrefix("once\nonce\n")
            }
            try await engine.stopContainer(id)
            #expect(try await engine.container(id).state.status == "exited")
        }
    }

    @Test func `A paused container stands still until it is unpaused, and cannot be paused twice`() async throws {
        try await withEngine { engine, name in
            let spec = ContainerSpec(
                image: "busybox",
                command: ["sh", "-c", "while true; do echo x; sleep 0.05; done"],
                environment: [],
                labels: [:]
            )
            let id = try await engine.createContainer(named: name, from: spec)
            let early = await #expect(throws: EngineError.self) { try await engine.pauseContainer(id) }
            #expect(early?.isConflict == true)
            try await engine.startContainer(id)
            try await engine.pauseContainer(id)
            #expect(try await engine.container(id).state.status == "paused")
            let again = await #expect(throws: EngineError.self) { try await engine.pauseContainer(id) }
            #expect(again?.isConflict == true)
            let written = try await engine.log(of: id)
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await engine.log(of: id) == written)
            try await engine.unpauseContainer(id)
            #expect(try await engine.container(id).state.status == "running")
            try await eventually("it goes on") { try await engine.log(of: id).count > written.count }
            await #expect(throws: EngineError.self) { try await engine.unpauseContainer(id) }
        }
    }

    /// The container takes far more than its one second or, given ten minutes, less than the engine's usual ten
    /// seconds.
    @Test(arguments: [(1, 60, 137), (600, 3, 3)])
    func `A container's own stop timeout is used`(stopTimeout: Int, needed: Int, exitCode: Int) async throws {
        try await withEngine { engine, name in
            let command = "trap 'sleep \(needed); exit 3' TERM; echo ready; sleep 99 & wait"
            var spec = ContainerSpec(image: "busybox", command: ["sh", "-c", command], environment: [], labels: [:])
            spec.config.stopTimeout = stopTimeout
            let id = try await engine.createContainer(named: name, from: spec)
            try await engine.startContainer(id)
            try await eventually("it listens for the signal") { try await engine.log(of: id) == "ready\n" }
            try await engine.stopContainer(id, stopTimeout: stopTimeout)
            #expect(try await engine.container(id).state.exitCode == exitCode)
        }
    }
}

extension ContainerSettingsTests {
    /// Passes a fresh name to `body`; all containers and volumes whose names begin with it are deleted afterwards.
    private func withEngine(_ body: @escaping @Sendable (Engine, String) async throws -> Void) async throws {
        let lab = lab
        let name = freshName("settings")
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await lab.withEngine { try await body($0, name) })
        } catch {
            outcome = .failure(error)
        }
        try await removeAll(beginningWith: name)
        try outcome.get()
    }

    private func removeAll(beginningWith name: String) async throws {
        let found = try await lab.withEngine { try await $0.containers() }
        for container in found where container.names?.contains(where: { $0.hasPrefix("/" + name) }) == true {
            try await lab.withEngine { try await $0.removeContainer(container.id, force: true) }
        }
        let volumes = try await runDocker(lab, "volume", "ls", "--quiet", "--filter", "name=\(name)")
        for volume in volumes.split(separator: "\n") { try await runDocker(lab, "volume", "rm", "\(volume)") }
    }

    /// The output of a container from its start to its end.
    private func output(of spec: ContainerSpec, named name: String, on engine: Engine) async throws -> String {
        let id = try await engine.createContainer(named: name, from: spec)
        try await engine.startContainer(id)
        _ = try await engine.waitForContainer(id, deadline: .timeout)
        return try await engine.log(of: id)
    }
}

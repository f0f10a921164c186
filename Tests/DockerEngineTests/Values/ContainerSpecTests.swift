import FoundationEssentials
import Testing

@testable import DockerEngine

@Suite struct ContainerSpecTests {
    @Test("A spec is sent under Docker's names, the environment in its order")
    func body() throws {
        let spec = ContainerSpec(
            image: "nginx:1",
            command: ["sh", "-c", "echo \"$A\""],
            environment: ["B=2", "A=ü=\n", "A="],
            labels: ["berth.app": "web"]
        )
        let expected = """
            {"Cmd":["sh","-c","echo \\"$A\\""],"Env":["B=2","A=ü=\\n","A="],"Image":"nginx:1",\
            "Labels":{"berth.app":"web"}}
            """
        #expect(try json(spec) == expected)
    }

    @Test("Without a command of its own the image's is left alone, and an empty one is sent as such")
    func command() throws {
        let spec = ContainerSpec(image: "a", command: nil, environment: [], labels: [:])
        #expect(try json(spec) == #"{"Env":[],"Image":"a","Labels":{}}"#)
        let empty = ContainerSpec(image: "a", command: [], environment: [], labels: [:])
        #expect(try json(empty) == #"{"Cmd":[],"Env":[],"Image":"a","Labels":{}}"#)
    }

    @Test func `All fields of a spec are sent under Docker's names, and nothing else`() throws {
        var spec = ContainerSpec(image: "a", command: ["b"], environment: [], labels: [:])
        spec.config.entrypoint = ["/e", "x y"]
        spec.config.user = "nobody:1"
        spec.config.workingDirectory = "/srv/ü"
        spec.config.stopTimeout = 600
        spec.hostConfig.memoryBytes = 64 << 20
        spec.hostConfig.nanoCPUs = 500_000_000
        spec.hostConfig.restartPolicy = .unlessStopped
        spec.hostConfig.portBindings = [
            PortBinding(ContainerPort(80), hostPort: 8080), PortBinding(ContainerPort(80), hostPort: 8081),
            PortBinding(ContainerPort(80)),
            PortBinding(ContainerPort(53, .udp), hostPort: 53, hostAddress: "127.0.0.1"),
        ]
        spec.hostConfig.mounts = [
            ContainerMount(volume: "data", target: "/data"),
            ContainerMount(volume: "keys", target: "/k", isReadOnly: true),
        ]
        spec.config.hostname = "web"
        spec.config.stopSignal = "SIGQUIT"
        spec.config.health = EngineHealthCheck(test: ["CMD", "true"])
        spec.config.health?.interval = 1_000_000_000
        spec.hostConfig.pidsLimit = 100
        spec.hostConfig.ulimits = [Ulimit(name: "nofile", soft: 1, hard: -1)]
        spec.hostConfig.sharedMemoryBytes = 4096
        spec.hostConfig.tmpfs = ["/run": "size=4096"]
        spec.hostConfig.hasReadOnlyRoot = true
        spec.hostConfig.usesInit = true
        spec.hostConfig.extraHosts = ["db:10.0.0.1"]
        let expected = """
            {"Cmd":["b"],"Entrypoint":["/e","x y"],"Env":[],"ExposedPorts":{"53/udp":{},"80/tcp":{}},\
            "Healthcheck":{"Interval":1000000000,"Test":["CMD","true"]},\
            "HostConfig":{"ExtraHosts":["db:10.0.0.1"],"Init":true,"Memory":67108864,"Mounts":[{"ReadOnly":false,"Source":"data","Target":"/data",\
            "Type":"volume"},{"ReadOnly":true,"Source":"keys","Target":"/k","Type":"volume"}],"NanoCpus":500000000,\
            "PidsLimit":100,"PortBindings":{"53/udp":[{"HostIp":"127.0.0.1","HostPort":"53"}],"80/tcp":[{"HostPort":"8080"},\
            {"HostPort":"8081"},{"HostPort":""}]},"ReadonlyRootfs":true,"RestartPolicy":{"Name":"unless-stopped"},\
            "ShmSize":4096,"Tmpfs":{"/run":"size=4096"},"Ulimits":[{"Hard":-1,"Name":"nofile","Soft":1}]},\
            "Hostname":"web","Image":"a","Labels":{},"StopSignal":"SIGQUIT","StopTimeout":600,"User":"nobody:1","WorkingDir":"/srv/ü"}
            """
        #expect(try json(spec) == expected)
        let config = try JSONDecoder().decode(ContainerConfig.self, from: Data(expected.utf8))
        #expect(config == spec.config)
        let host = try JSONDecoder().decode(HostConfig.self, from: Data(json(spec.hostConfig).utf8))
        #expect(host.ulimits == spec.hostConfig.ulimits)
        #expect(host.tmpfs == spec.hostConfig.tmpfs)
        #expect(host.mounts == spec.hostConfig.mounts)
    }

    @Test(arguments: ["no", "on-failure", "on-failure:3", "always", "unless-stopped"])
    func `A restart policy is sent and read back unchanged`(text: String) throws {
        let policy = try #require(RestartPolicy(text))
        #expect(policy.description == text)
        var config = HostConfig()
        config.restartPolicy = policy
        #expect(try JSONDecoder().decode(HostConfig.self, from: Data(json(config).utf8)).restartPolicy == policy)
    }

    @Test func `Security and log options are sent as Docker wants them, and read back`() throws {
        var config = HostConfig()
        config.securityOptions = ["no-new-privileges"]
        config.pidsLimit = 20
        config.logConfig = LogConfig(driver: "json-file", options: ["max-size": "65536", "max-file": "3"])
        let expected = """
            {"LogConfig":{"Config":{"max-file":"3","max-size":"65536"},"Type":"json-file"},"PidsLimit":20,\
            "SecurityOpt":["no-new-privileges"]}
            """
        #expect(try json(config) == expected)
        #expect(try JSONDecoder().decode(HostConfig.self, from: Data(expected.utf8)) == config)
    }

    @Test(arguments: [
        #"{"SecurityOpt":null,"LogConfig":{"Type":"json-file","Config":{}}}"#,
        #"{"SecurityOpt":[],"LogConfig":{"Type":"k8s-file","Config":null,"Path":"","Tag":"","Size":"0B"}}"#,
        #"{"LogConfig":{}}"#,
    ])
    func `An engine's own log driver and no security options are no options`(_ text: String) throws {
        #expect(try JSONDecoder().decode(HostConfig.self, from: Data(text.utf8)) == HostConfig())
    }

    @Test func `A setting does not send others along`() throws {
        var spec = ContainerSpec(image: "a", command: nil, environment: [], labels: [:])
        spec.hostConfig.memoryBytes = 6 << 20
        #expect(try json(spec) == #"{"Env":[],"HostConfig":{"Memory":6291456},"Image":"a","Labels":{}}"#)
        spec.hostConfig.memoryBytes = nil
        spec.config.entrypoint = []
        #expect(try json(spec) == #"{"Entrypoint":[],"Env":[],"Image":"a","Labels":{}}"#)
    }

    private func json(_ spec: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(spec), as: UTF8.self)
    }
}

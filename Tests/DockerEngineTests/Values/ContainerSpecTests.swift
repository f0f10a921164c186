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

    @Test func `All that a spec can say is sent under Docker's names, and nothing else`() throws {
        var spec = ContainerSpec(image: "a", command: ["b"], environment: [], labels: [:])
        spec.entrypoint = ["/e", "x y"]
        spec.user = "nobody:1"
        spec.workingDirectory = "/srv/ü"
        spec.stopTimeout = 600
        spec.memoryBytes = 64 << 20
        spec.nanoCPUs = 500_000_000
        spec.restartPolicy = .unlessStopped
        spec.ports = [
            PortBinding(ContainerPort(80), hostPort: 8080), PortBinding(ContainerPort(80), hostPort: 8081),
            PortBinding(ContainerPort(80)),
            PortBinding(ContainerPort(53, .udp), hostPort: 53, hostAddress: "127.0.0.1"),
        ]
        spec.mounts = [
            VolumeMount(name: "data", target: "/data"), VolumeMount(name: "keys", target: "/k", isReadOnly: true),
        ]
        let expected = """
            {"Cmd":["b"],"Entrypoint":["/e","x y"],"Env":[],"ExposedPorts":{"53/udp":{},"80/tcp":{}},\
            "HostConfig":{"Memory":67108864,"Mounts":[{"ReadOnly":false,"Source":"data","Target":"/data",\
            "Type":"volume"},{"ReadOnly":true,"Source":"keys","Target":"/k","Type":"volume"}],"NanoCpus":500000000,\
            "PortBindings":{"53/udp":[{"HostIp":"127.0.0.1","HostPort":"53"}],"80/tcp":[{"HostPort":"8080"},\
            {"HostPort":"8081"},{"HostPort":""}]},"RestartPolicy":{"Name":"unless-stopped"}},"Image":"a",\
            "Labels":{},"StopTimeout":600,"User":"nobody:1","WorkingDir":"/srv/ü"}
            """
        #expect(try json(spec) == expected)
    }

    @Test func `One setting brings no other along`() throws {
        var spec = ContainerSpec(image: "a", command: nil, environment: [], labels: [:])
        spec.memoryBytes = 6 << 20
        #expect(try json(spec) == #"{"Env":[],"HostConfig":{"Memory":6291456},"Image":"a","Labels":{}}"#)
        spec.memoryBytes = nil
        spec.entrypoint = []
        #expect(try json(spec) == #"{"Entrypoint":[],"Env":[],"Image":"a","Labels":{}}"#)
    }

    private func json(_ spec: ContainerSpec) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(spec), as: UTF8.self)
    }
}

import Testing

@testable import DockerEngine

/// The settings and addresses of a container, read from an engine's answer.
@Suite struct ContainerDetailsTests {
    @Test func `All settings of a container are read`() throws {
        let details: ContainerDetails = try decoded(Sample.details)
        #expect(details.config.entrypoint == ["/entry"])
        #expect(details.config.user == "nobody")
        #expect(details.config.workingDirectory == "/srv")
        #expect(details.config.stopTimeout == 600)
        let host = try #require(details.hostConfig)
        #expect(host.memoryBytes == 1 << 20)
        #expect(host.nanoCPUs == 500_000_000)
        #expect(host.restartPolicy == .onFailure(retries: nil))
        #expect(
            host.portBindings == [
                PortBinding(ContainerPort(80), hostPort: 8080, hostAddress: "127.0.0.1"),
                PortBinding(ContainerPort(80)),
            ]
        )
        #expect(host.mounts == [ContainerMount(volume: "data", target: "/data", isReadOnly: true)])
    }

    @Test func `A port that is published on all addresses is listed once, and an exposed port is not listed`() throws {
        let details: ContainerDetails = try decoded(Sample.details)
        #expect(
            details.publishedPorts == [
                PublishedPort(container: ContainerPort(80), hostPort: 8080, listening: "127.0.0.1"),
                PublishedPort(container: ContainerPort(80), hostPort: 32768, listening: nil),
            ]
        )
    }

    @Test func `Published ports have a fixed order, independent of the engine's`() throws {
        let ends = #"[{"HostIp":"","HostPort":"20"},{"HostIp":"0.0.0.0","HostPort":"9"}]"#
        let ports = #"{"100/tcp":\#(ends),"53/udp":\#(ends),"53/tcp":\#(ends),"9/sctp":\#(ends)}"#
        let details: ContainerDetails = try decoded(Sample.details.replacing(Sample.publishedPorts, with: ports))
        #expect(
            details.publishedPorts.map { "\($0.container) \($0.hostPort)" } == [
                "9/sctp 9", "9/sctp 20", "53/tcp 9", "53/tcp 20", "53/udp 9", "53/udp 20", "100/tcp 9", "100/tcp 20",
            ]
        )
        #expect(details.publishedPorts.allSatisfy { $0.hostAddress == nil })
    }

    @Test(
        arguments: [
            #"{"80/tcp":[{"HostPort":"8000-8010"}]}"#, #"{"80/tcp":[{"HostPort":"65536"}]}"#,
            #"{"80/tcp":[{"HostPort":"-1"}]}"#, #"{"80/icmp":[{"HostPort":"1"}]}"#, #"{"80-90/tcp":[{}]}"#,
            #"{"0/tcp":[{}]}"#, #"{"":[{}]}"#, #"{"/tcp":[{}]}"#, #"{"80/":[{}]}"#, #"{"80/tcp/udp":[{}]}"#,
        ]
    )
    func `A binding of an unsupported port is not converted`(ports: String) throws {
        let details: ContainerDetails = try decoded(
            Sample.details.replacing(Sample.portBindings, with: ports).replacing(Sample.publishedPorts, with: ports)
        )
        #expect(details.hostConfig?.portBindings == [])
        #expect(details.publishedPorts.isEmpty)
    }

    @Test(arguments: ["null", "{}", #"{"80/tcp":null}"#, #"{"80/tcp":[]}"#])
    func `Each form of an empty port list is read as no ports`(ports: String) throws {
        let details: ContainerDetails = try decoded(
            Sample.details.replacing(Sample.portBindings, with: ports).replacing(Sample.publishedPorts, with: ports)
        )
        #expect(details.hostConfig?.portBindings == [])
        #expect(details.publishedPorts.isEmpty)
    }

    @Test(arguments: ["", "0"])
    func `A host port that the engine is to choose is read as none`(port: String) throws {
        let ports = #"{"80":[{"HostIp":null,"HostPort":"\#(port)"},{}]}"#
        let details: ContainerDetails = try decoded(
            Sample.details.replacing(Sample.portBindings, with: ports).replacing(Sample.publishedPorts, with: ports)
        )
        #expect(details.hostConfig?.portBindings == [PortBinding(ContainerPort(80)), PortBinding(ContainerPort(80))])
        #expect(details.publishedPorts.isEmpty)
    }

    @Test(
        arguments: [
            "",
            #","HostConfig":null,"NetworkSettings":null"#,
            #","HostConfig":{},"NetworkSettings":{}"#,
            #","HostConfig":{"Memory":0,"NanoCpus":0,"RestartPolicy":null,"PortBindings":null,"Mounts":null}"#,
            #","HostConfig":{"Memory":null,"NanoCpus":null,"RestartPolicy":{"Name":""},"Mounts":[]}"#,
            #","HostConfig":{"RestartPolicy":{}},"NetworkSettings":{"Ports":null}"#,
            #","HostConfig":{"RestartPolicy":{"Name":"novelty"}}"#,
        ]
    )
    func `A missing field is read as nothing`(rest: String) throws {
        let start = try #require(Sample.details.firstRange(of: #","HostConfig""#)).lowerBound
        let details: ContainerDetails = try decoded(Sample.details[..<start] + rest + "}")
        #expect(details.publishedPorts.isEmpty)
        #expect(details.hostConfig?.memoryBytes == nil)
        #expect(details.hostConfig?.nanoCPUs == nil)
        #expect(details.hostConfig?.restartPolicy == nil)
        #expect(details.hostConfig?.portBindings.isEmpty != false)
        #expect(details.hostConfig?.mounts.isEmpty != false)
    }

    @Test func `An empty user or working directory is read as none`() throws {
        let details: ContainerDetails = try decoded(
            Sample.details.replacing(#""nobody""#, with: #""""#).replacing(#""/srv""#, with: "null")
                .replacing("600", with: "null")
        )
        #expect(details.config.user == nil)
        #expect(details.config.workingDirectory == nil)
        #expect(details.config.stopTimeout == nil)
    }

    @Test func `A mount that is not a named volume is reported with its type`() throws {
        let mounts = """
            [{"Type":"bind","Source":"/etc","Target":"/x"},{"Type":"tmpfs","Target":"/y","ReadOnly":null},\
            {"Type":"volume","Source":"","Target":"/z"},{"Type":"novelty","Source":"a","Target":"/a"}]
            """
        let details: ContainerDetails = try decoded(Sample.details.replacing(Sample.mounts, with: mounts))
        let found = try #require(details.hostConfig?.mounts)
        #expect(found.map(\.type) == ["bind", "tmpfs", "volume", "novelty"])
        #expect(found.map(\.source) == ["/etc", nil, nil, "a"])
        #expect(found.allSatisfy { !$0.isReadOnly })
    }

    @Test func `The settings of an image for its containers are read`() throws {
        let image: ImageDetails = try decoded(Sample.image)
        let config = try #require(image.config)
        #expect(config.entrypoint == ["/entry"])
        #expect(config.command == ["run"])
        #expect(config.environment == ["PATH=/bin"])
        #expect(config.user == nil)
        #expect(config.workingDirectory == "/srv")
        let bare: ImageDetails = try decoded(#"{"Id":"sha256:a","Config":{"Cmd":null}}"#)
        #expect(bare.config?.command == nil)
        #expect(bare.config?.entrypoint == nil)
    }
}

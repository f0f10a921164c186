import DockerEngine
import Testing

@testable import Berth

@Suite struct ContainerLabelsTests {
    @Test func `A container's labels name its server, app, release and run`() throws {
        let labels = ContainerLabels.labels(of: try .example("r1", app: "web"), restart: .always, instance: "i1")
        #expect(
            labels == [
                "berth.instance": "i1", "berth.app": "web", "berth.release": "1", "berth.run": "r1",
                "berth.restart": "always",
            ]
        )
    }

    @Test func `A container is created from the settings, word for word`() throws {
        let settings = try AppSettings.example(
            image: "registry.example.org:5000/a/b:1",
            command: ["sh", "-c", "echo \"$A\" '*'", ""],
            variables: [("B", "2=3"), ("A", "")]
        )
        let spec = try spec(settings)
        #expect(spec.config.image == "registry.example.org:5000/a/b:1")
        #expect(spec.config.command == ["sh", "-c", "echo \"$A\" '*'", ""])
        #expect(spec.config.environment == ["B=2=3", "A="])
        #expect(spec.config.labels?["berth.run"] == "run1")
        #expect(spec.config.labels?["berth.restart"] == "no")
    }

    @Test func `The image's command is used if the app sets none`() throws {
        let spec = try spec(.example())
        #expect(spec.config.command == nil)
        #expect(spec.config.environment == [])
    }

    private func spec(
        _ settings: AppSettings,
        _ policy: Policy = Policy(),
        logDriver: String? = "json-file"
    ) throws -> ContainerSpec {
        ContainerSpec(of: try .example(), settings: settings, policy: policy, logDriver: logDriver, instance: "i1")
    }

    @Test func `A container gets the policy's defaults, and a label that tells them from the app's settings`() throws {
        let spec = try spec(.example())
        #expect(spec.hostConfig.securityOptions == ["no-new-privileges"])
        #expect(spec.hostConfig.pidsLimit == 4096)
        #expect(spec.config.labels?["berth.pids_limit"] == "policy")
        let options = ["max-size": "10485760", "max-file": "3"]
        #expect(spec.hostConfig.logConfig == LogConfig(driver: "json-file", options: options))
    }

    @Test(
        arguments: [
            (nil, 4096, nil, 4096), (nil, 4096, 100, 100), (nil, nil, 100, 100), (nil, nil, nil, nil),
            (nil, 50, 100, 50),
            (10, 4096, 100, 10), (9000, 4096, nil, 9000), (10, nil, nil, 10),
        ] as [(Int?, Int?, Int?, Int?)]
    )
    func `The app's own limit of processes wins, and the default keeps to the maximum`(
        own: Int?,
        usual: Int?,
        maximum: Int?,
        expected: Int?
    ) throws {
        var (settings, policy) = (try AppSettings.example(), Policy())
        settings.pidsLimit = own
        policy.containers.pidsLimit = usual
        policy.maxPIDs = maximum
        let spec = try spec(settings, policy)
        #expect(spec.hostConfig.pidsLimit == expected)
        #expect((spec.config.labels?["berth.pids_limit"] == nil) == (own != nil || expected == nil))
        #expect(policy.denial(of: settings) == nil)
    }

    @Test(arguments: [nil, "", "journald", "none", "syslog", "JSON-FILE", "k8s-file"] as [String?])
    func `A driver that takes no size of files gets no options`(driver: String?) throws {
        #expect(try spec(.example(), logDriver: driver).hostConfig.logConfig == nil)
    }

    @Test func `A policy without defaults gives a container nothing`() throws {
        var policy = Policy()
        policy.containers.hasNoNewPrivileges = false
        policy.containers.pidsLimit = nil
        policy.containers.logBytes = nil
        #expect(try spec(.example(), policy).hostConfig == HostConfig())
    }

    @Test(arguments: ["json-file", "local"])
    func `A single file of output is not compressed, which would need another one`(driver: String) throws {
        var policy = Policy()
        policy.containers.logFiles = 1
        let options = try spec(.example(), policy, logDriver: driver).hostConfig.logConfig?.options
        #expect(options == ["max-size": "10485760", "max-file": "1", "compress": "false"])
    }

    @Test(arguments: [("cafe", "docker.io/library/cafe:latest"), ("nginx", "nginx"), ("cafe:1", "cafe:1")])
    func `An image whose name could be an id is requested by its full name`(name: String, requested: String) throws {
        #expect(try spec(.example(image: name)).config.image == requested)
    }
}

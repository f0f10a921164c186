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
        let spec = ContainerSpec(of: try .example(), settings: settings, instance: "i1")
        #expect(spec.config.image == "registry.example.org:5000/a/b:1")
        #expect(spec.config.command == ["sh", "-c", "echo \"$A\" '*'", ""])
        #expect(spec.config.environment == ["B=2=3", "A="])
        #expect(spec.config.labels?["berth.run"] == "run1")
        #expect(spec.config.labels?["berth.restart"] == "no")
    }

    @Test func `The image's command is used if the app sets none`() throws {
        let spec = ContainerSpec(of: try .example(), settings: try .example(), instance: "i1")
        #expect(spec.config.command == nil)
        #expect(spec.config.environment == [])
    }
}

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

    private func json(_ spec: ContainerSpec) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(spec), as: UTF8.self)
    }
}

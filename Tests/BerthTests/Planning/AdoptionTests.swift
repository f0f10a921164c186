import DockerEngine
import Foundation
import Testing

@testable import Berth

@Suite struct AdoptionTests {
    private let id = RunID(recorded: "abcdefghijklmnopqrstuvwxyz")
    private let host: HostName

    init() throws { host = try HostName("local") }

    private func details(
        name: String = "/web-abc234",
        status: String = "running",
        labels: [String: String] = [:],
        without missing: String? = nil,
        config: String = "",
        hostConfig: String = "{}"
    ) throws -> ContainerDetails {
        var all = [
            "berth.instance": "i", "berth.app": "web", "berth.release": "3", "berth.run": id.description,
        ].merging(labels) { _, given in given }
        if let missing { all[missing] = nil }
        let labelsJSON = String(decoding: try JSONEncoder().encode(all), as: UTF8.self)
        let startedAt = status == "created" ? Observation.never : "2026-11-23T12:00:01Z"
        let json = """
            {"Id": "\(try ContainerID.example())", "Name": "\(name)", "Image": "sha256:1",
             "Created": "2026-11-23T12:00:00Z",
             "State": {"Status": "\(status)", "ExitCode": 7, "OOMKilled": false, "Error": "",
                       "StartedAt": "\(startedAt)", "FinishedAt": "2026-11-23T12:00:02Z"},
             "Config": {"Image": "nginx:1", "Labels": \(labelsJSON), "Tty": false \(config)}, "HostConfig": \(hostConfig)}
            """
        return try JSONDecoder().decode(ContainerDetails.self, from: Data(json.utf8))
    }

    private func adoption(_ details: ContainerDetails, image: String = "{}") throws -> Adoption? {
        let image = try JSONDecoder().decode(ContainerConfig.self, from: Data(image.utf8))
        return Adoption(of: id, on: host, details, image: image, now: .later)
    }

    @Test func `A container becomes the run that its labels name, in the state that the engine reports`() throws {
        let run = try #require(try adoption(details(status: "exited"))).run
        #expect(run.id == id)
        #expect(run.name.description == "web-abc234")
        #expect(run.app.description == "web")
        #expect(run.release == 3)
        #expect(run.host == host)
        #expect(run.state == .exited)
        #expect(run.exitCode == 7)
        #expect(run.containerID == (try ContainerID.example()))
        #expect(run.createdAt == .noon)
        #expect(run.image == "nginx:1")
    }

    @Test(arguments: ["berth.app", "berth.release", "berth.run"])
    func `A container that lacks one of the labels is not adopted`(label: String) throws {
        #expect(try adoption(details(without: label)) == nil)
    }

    @Test(arguments: [
        ["berth.app": "Web"], ["berth.app": ""], ["berth.app": "run"], ["berth.release": "0"], ["berth.release": "x"],
        ["berth.release": "99999999999"], ["berth.run": "other"],
    ])
    func `A container with a label value that Berth never writes is not adopted`(labels: [String: String]) throws {
        #expect(try adoption(details(labels: labels)) == nil)
    }

    @Test(arguments: ["/renamed", "/other-abc234", "/web-ABC234", "/web-abc23", "/-abc234"])
    func `A container name that does not fit its app is replaced by a fresh one`(name: String) throws {
        let adopted = try #require(try adoption(details(name: name))).run.name.description
        #expect("/" + adopted != name)
        #expect(adopted.hasPrefix("web-") && adopted.utf8.count == 10)
    }

    @Test func `An adopted container that was never started is a failed run`() throws {
        let run = try #require(try adoption(details(status: "created"))).run
        #expect(run.state == .failed)
        #expect(run.reason != nil)
    }

    @Test func `Settings that come from the image are not attributed to the app`() throws {
        let config = """
            , "Cmd": ["a"], "Entrypoint": ["/e"], "Env": ["PATH=/bin", "X=1", "Y=2"], "User": "nginx", "WorkingDir": "/w"
            """
        let image = """
            {"Cmd": ["a"], "Entrypoint": ["/e"], "Env": ["PATH=/bin", "Y=1"], "User": "nginx", "WorkingDir": "/w"}
            """
        let settings = try #require(try adoption(details(config: config), image: image)).settings
        var expected = AppSettings(image: try ImageReference("nginx:1"))
        expected.variables = try Variables([Variable(name: "X", value: "1"), Variable(name: "Y", value: "2")])
        #expect(settings == expected)
    }

    @Test func `All settings of an app are read back from its container`() throws {
        var settings = try AppSettings.full()
        settings.host = nil
        settings.maxRuntime = nil
        settings.pull = .missing
        let spec = ContainerSpec(
            of: try .example(),
            settings: settings,
            policy: Policy(),
            logDriver: "json-file",
            instance: "i"
        )
        let encoded = try JSONEncoder().encode(spec)
        var object = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
        let found = object.removeValue(forKey: "HostConfig")
        let hostConfig = try #require(found)
        object["Labels"] = nil
        object["Image"] = nil
        let config = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        let details = try details(
            labels: ["team": "a b", "berth.network": "shop"],
            config: ", " + config.dropFirst().dropLast(),
            hostConfig: String(decoding: JSONSerialization.data(withJSONObject: hostConfig), as: UTF8.self)
        )
        settings.image = try ImageReference("nginx:1")
        #expect(try adoption(details)?.settings == settings)
    }

    @Test(arguments: [(["berth.pids_limit": "policy"], nil), ([:], 4096)] as [([String: String], Int?)])
    func `What the policy gave a container is not attributed to the app`(
        labels: [String: String],
        pidsLimit: Int?
    ) throws {
        let hostConfig = """
            {"PidsLimit": 4096, "SecurityOpt": ["no-new-privileges"],
             "LogConfig": {"Type": "json-file", "Config": {"max-size": "10485760", "max-file": "3"}}}
            """
        let adoption = try #require(try adoption(details(labels: labels, hostConfig: hostConfig)))
        var expected = AppSettings(image: try ImageReference("nginx:1"))
        expected.pidsLimit = pidsLimit
        #expect(adoption.settings == expected)
    }

    @Test func `Secrets do not become variables of an adopted app`() throws {
        let details = try details(
            labels: ["berth.secrets": "KEY,TOKEN"],
            config: #", "Env": ["A=1", "KEY=hunter2", "TOKEN=a=b", "KEYS=2", "TOKEN"]"#
        )
        let settings = try #require(try adoption(details)).settings
        #expect(settings.variables.list.map(\.name) == ["A", "KEYS"])
        #expect(settings.labels.list.isEmpty)
        #expect(!settings.stored.contains("hunter2"))
    }

    @Test func `A container that was made with secrets is adopted without them`() throws {
        let secrets = try Variables([Variable(name: "X", value: "hunter2"), Variable(name: "Z", value: "hunter3")])
        let settings = try AppSettings.example(image: "nginx:1", variables: [("X", "1"), ("Y", "")])
        let spec = ContainerSpec(of: try .example(), settings: settings, secrets: secrets, instance: "i")
        #expect(spec.config.environment == ["Y=", "X=hunter2", "Z=hunter3"])
        let environment = String(decoding: try JSONEncoder().encode(spec.config.environment), as: UTF8.self)
        let label = try #require(spec.config.labels?["berth.secrets"])
        let details = try details(labels: ["berth.secrets": label], config: ", \"Env\": \(environment)")
        let adopted = try #require(try adoption(details)).settings.variables
        #expect(adopted.environment == ["Y="])
    }

    @Test func `Only a container with a run's name can be the run, if several have its label`() throws {
        func summary(_ name: String, _ digit: Character) throws -> ContainerSummary {
            let json =
                #"{"Id": "\#(try ContainerID.example(digit))", "Names": ["/\#(name)"], "Image": "x", "State": "running"}"#
            return try JSONDecoder().decode(ContainerSummary.self, from: Data(json.utf8))
        }
        let (mine, copy, twin) = try (summary("web-abc234", "a"), summary("copy", "b"), summary("web-abc235", "c"))
        #expect(Adoption.candidate(among: [copy]) == copy)
        #expect(Adoption.candidate(among: [copy, mine]) == mine)
        #expect(Adoption.candidate(among: [mine, twin]) == nil)
        #expect(Adoption.candidate(among: []) == nil)
    }
}

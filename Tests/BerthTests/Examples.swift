import DockerEngine
import FoundationEssentials
import Testing

@testable import Berth

// Values that tests need and are not about.

extension Timestamp {
    static let noon = Timestamp(milliseconds: 1_795_435_200_000)
    static let later = Timestamp(milliseconds: 1_795_435_260_000)
}

extension AppSettings {
    static func example(
        image: String = "nginx",
        command: [String]? = nil,
        variables: [(String, String)] = []
    ) throws -> AppSettings {
        AppSettings(
            image: try ImageReference(image),
            command: try command.map { words in try Command(words: words, line: nil) },
            variables: try Variables(variables.map { name, value in try Variable(name: name, value: value) })
        )
    }
}

extension ContainerID {
    /// The one whose digits are all `digit`.
    static func example(_ digit: Character = "a") throws -> ContainerID {
        try #require(ContainerID(String(repeating: digit, count: 64)))
    }
}

extension Run {
    static func example(
        _ id: String = "run1",
        app: String = "web",
        host: String = "local",
        state: RunState = .pending,
        container: ContainerID? = nil
    ) throws -> Run {
        Run(
            id: RunID(recorded: id),
            name: RunName(recorded: "\(app)-\(id)"),
            app: try AppName(app),
            release: 1,
            host: try HostName(host),
            image: "nginx",
            state: state,
            containerID: container,
            createdAt: .noon
        )
    }
}

extension Observation {
    static let never = "0001-01-01T00:00:00Z"

    /// What inspect would make of a container in the state that Docker calls `status`.
    static func example(
        _ status: String,
        id: ContainerID,
        name: String = "/web-run1",
        exitCode: Int = 0,
        oomKilled: Bool = false,
        startedAt: String = "2026-11-23T12:00:01.5Z",
        finishedAt: String = Observation.never
    ) throws -> Observation {
        let json = """
            {"Id": "\(id)", "Name": "\(name)", "Image": "sha256:1", "Created": "2026-11-23T12:00:00Z",
             "State": {"Status": "\(status)", "ExitCode": \(exitCode), "OOMKilled": \(oomKilled), "Error": "",
                       "StartedAt": "\(startedAt)", "FinishedAt": "\(finishedAt)"},
             "Config": {"Image": "nginx", "Cmd": null, "Env": null, "Labels": null, "Tty": false}}
            """
        return Observation(try JSONDecoder().decode(ContainerDetails.self, from: Data(json.utf8)))
    }
}

import FoundationEssentials
import NIOCore
import Testing

@testable import DockerEngine

/// Answers as a real engine gives them, for tests to damage.
enum Sample {
    static let id = String(repeating: "0123456789abcdef", count: 4)
    static let otherID = String(repeating: "fedcba9876543210", count: 4)

    static var containerID: ContainerID {
        get throws { try #require(ContainerID(id)) }
    }

    static let summary = """
        {"Id":"\(id)","Names":["/web"],"Image":"nginx","State":"running","Labels":{"berth.app":"web"},"Ports":[]}
        """

    static let details = """
        {"Id":"\(id)","Name":"/web","Image":"sha256:abc","Created":"2024-05-01T10:00:00.5Z","State":{"Status":"exited",\
        "ExitCode":3,"OOMKilled":false,"Error":"","StartedAt":"2024-05-01T10:00:01Z",\
        "FinishedAt":"2024-05-01T10:00:02Z","Dead":false},"Config":{"Image":"nginx","Cmd":["run"],"Env":["A=1"],\
        "Labels":{"berth.app":"web"},"Tty":false,"Entrypoint":["/entry"],"User":"nobody","WorkingDir":"/srv",\
        "StopTimeout":600},"HostConfig":{"Memory":1048576,"NanoCpus":500000000,"RestartPolicy":\(policy),\
        "PortBindings":\(portBindings),"Mounts":\(mounts),"Binds":["/etc:/etc"],"Privileged":false},\
        "NetworkSettings":{"Ports":\(publishedPorts),"Networks":{}}}
        """

    static let policy = #"{"Name":"on-failure","MaximumRetryCount":0}"#
    static let portBindings = #"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"},{"HostIp":"","HostPort":""}]}"#
    static let mounts = #"[{"Type":"volume","Source":"data","Target":"/data","ReadOnly":true}]"#
    static let publishedPorts = """
        {"443/tcp":null,"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32768"},{"HostIp":"::","HostPort":"32768"},\
        {"HostIp":"127.0.0.1","HostPort":"8080"}]}
        """

    static let version = #"{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Arch":"amd64"}"#

    static let event = """
        {"Type":"container","Action":"die","Actor":{"ID":"\(id)","Attributes":{"exitCode":"0"}},\
        "scope":"local","time":1714557600,"timeNano":1714557600123456789}
        """

    static let info = """
        {"ID":"ABCD","Name":"host","OperatingSystem":"Debian","NCPU":2,"MemTotal":8589934592,"LiveRestoreEnabled":false}
        """

    static let image = #"{"Id":"sha256:abc","RepoTags":["nginx:1"],"Size":100,"Config":\#(imageConfig)}"#
    static let imageConfig = """
        {"Entrypoint":["/entry"],"Cmd":["run"],"Env":["PATH=/bin"],"User":"","WorkingDir":"/srv"}
        """

    static let progress = """
        {"status":"Downloading","progressDetail":{"current":5,"total":10},"progress":"[==>]","id":"a1b2"}
        """
}

/// Decodes as the client does.
func decoded<Value: Decodable>(_ json: String, as type: Value.Type = Value.self) throws(EngineError) -> Value {
    try decodeJSON(type, from: Data(json.utf8))
}

extension StreamDecoder {
    /// All values that this decoder makes of `bytes`, in pieces of this size.
    mutating func decodeAll(_ bytes: [UInt8], by step: Int = .max) throws(EngineError) -> [Element] {
        var elements: [Element] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            append(ByteBuffer(bytes: rest.prefix(step)))
            rest = rest.dropFirst(step)
            while let element = try next() { elements.append(element) }
        }
        try finish()
        return elements
    }
}

import Berth
import HTTPTypes
import JSON
import Testing

@testable import BerthServer

@Suite struct AppInputTests {
    private let client: RouterClient

    init() async throws { client = try await RouterClient(hosts: ["local", "web"]) }

    /// The answer to a new app with this field.
    private func create(_ field: String, _ value: String) async throws -> Answer {
        try await client.send(.post, "/v1/apps", #"{"name":"app","image":"nginx","\#(field)":\#(value)}"#)
    }

    @Test(
        arguments: [
            ("command", #"["sleep","1 2"]"#, #"["sleep","1 2"]"#), ("command", #""sleep '1 2'""#, #"["sleep","1 2"]"#),
            ("command", "null", "null"), ("command", #"" ""#, "null"),
            ("entrypoint", #""/bin/sh -c""#, #"["/bin/sh","-c"]"#), ("entrypoint", #"["/x"]"#, #"["/x"]"#),
            ("variables", #"[{"B":"2"},{"A":""}]"#, #"{"B":"2","A":""}"#),
            ("variables", #"{"B":"2","A":""}"#, #"{"B":"2","A":""}"#), ("host", #""web""#, #""web""#),
            ("ports", "[80]", #"[{"container":80,"host":null,"protocol":"tcp","address":null}]"#),
            ("ports", #"["53/udp"]"#, #"[{"container":53,"host":null,"protocol":"udp","address":null}]"#),
            ("ports", #"["8080:80"]"#, #"[{"container":80,"host":8080,"protocol":"tcp","address":null}]"#),
            ("ports", #"["8080:80/sctp"]"#, #"[{"container":80,"host":8080,"protocol":"sctp","address":null}]"#),
            (
                "ports", #"[{"container":1.0,"host":null}]"#,
                #"[{"container":1,"host":null,"protocol":"tcp","address":null}]"#
            ),
            (
                "ports", #"[{"container":80,"host":65535,"protocol":"udp"},"80"]"#,
                #"[{"container":80,"host":65535,"protocol":"udp","address":null},{"container":80,"host":null,"protocol":"tcp","address":null}]"#
            ),
            (
                "volumes",
                #"[{"name":"data","target":"/var/lib/x"},{"name":"da.t_a-2","target":"/y","read_only":true}]"#,
                #"[{"name":"data","target":"/var/lib/x","read_only":false},{"name":"da.t_a-2","target":"/y","read_only":true}]"#
            ),
            ("memory_bytes", "6291456", "6291456"), ("memory_bytes", "1e9", "1000000000"), ("cpus", "2", "2"),
            ("cpus", "0.5", "0.5"), ("cpus", "0.1", "0.1"), ("cpus", "1.0", "1"),
            ("cpus", "0.333333333", "0.333333333"),
            (
                "ports", #"["127.0.0.1:8080:80"]"#,
                #"[{"container":80,"host":8080,"protocol":"tcp","address":"127.0.0.1"}]"#
            ),
            ("ports", #"["127.0.0.1::80"]"#, #"[{"container":80,"host":null,"protocol":"tcp","address":"127.0.0.1"}]"#),
            ("ports", #"["[::1]:8080:80"]"#, #"[{"container":80,"host":8080,"protocol":"tcp","address":"::1"}]"#),
            (
                "ports", #"["8000-8001:80-81/udp"]"#,
                #"[{"container":80,"host":8000,"protocol":"udp","address":null},{"container":81,"host":8001,"protocol":"udp","address":null}]"#
            ),
            ("volumes", #"["data:/x/:ro"]"#, #"[{"name":"data","target":"/x","read_only":true}]"#),
            ("memory_bytes", #""512m""#, "536870912"), ("memory_bytes", #""1.5GiB""#, "1610612736"),
            ("memory_bytes", #""6291456""#, "6291456"), ("memory_bytes", #""1 GB""#, "1073741824"),
            ("entrypoint", "[]", "[]"), ("variables", #"{"PORT":8080}"#, #"{"PORT":"8080"}"#),
            ("restart", #""on-failure:5""#, #""on-failure:5""#), ("restart", #""on-failure""#, #""on-failure""#),
            ("pull", #""always""#, #""always""#), ("read_only", "true", "true"), ("init", "true", "true"),
            (
                "health", #"{"http":{"port":80}}"#,
                #"{"command":null,"http":{"port":80,"path":"/"},"interval":null,"timeout":null,"retries":null,"start_period":null}"#
            ),
            (
                "health", #"{"command":"test -f '/a b'","interval":5}"#,
                #"{"command":["test","-f","/a b"],"http":null,"interval":5,"timeout":null,"retries":null,"start_period":null}"#
            ),
            (
                "tmpfs", #"["/run/",{"target":"/tmp","size_bytes":"64m"}]"#,
                #"[{"target":"/run","size_bytes":null},{"target":"/tmp","size_bytes":67108864}]"#
            ),
            ("shm_bytes", #""1g""#, "1073741824"), ("pids_limit", "50", "50"),
            ("ulimits", #"[{"name":"nofile","soft":1024}]"#, #"[{"name":"nofile","soft":1024,"hard":1024}]"#),
            ("network", #""shop""#, #""shop""#), ("hostname", #""web.example""#, #""web.example""#),
            ("extra_hosts", #"{"db":"10.0.0.1","host":"host-gateway"}"#, #"{"db":"10.0.0.1","host":"host-gateway"}"#),
            ("stop_signal", #""QUIT""#, #""QUIT""#), ("stop_signal", #""9""#, #""9""#),
            ("restart", #""unless-stopped""#, #""unless-stopped""#), ("restart", "null", #""no""#),
            ("labels", #"{"a":"b","c":""}"#, #"{"a":"b","c":""}"#), ("user", #""1000:1000""#, #""1000:1000""#),
            ("working_dir", #""/srv""#, #""/srv""#), ("stop_timeout", "0", "0"), ("max_runtime", "3600", "3600"),
        ] as [(String, String, String)]
    )
    func `A field is accepted in several plain forms, and returned in one`(
        _ field: String,
        _ sent: String,
        _ shown: String
    ) async throws {
        let created = try await create(field, sent)
        #expect(created.status == 201, "\(created.body)")
        #expect(try created.json()[field]?.text == shown)
        #expect(try await client.send(.get, "/v1/apps/app").body == created.body)
    }

    @Test(
        arguments: [
            ("command", "[]", "/command"), ("command", "[1]", "/command/0"), ("entrypoint", #""'""#, "/entrypoint"),
            ("variables", #"{"A=":"1"}"#, "/variables/A="), ("host", #""nowhere""#, "/host"), ("host", "1", "/host"),
            ("host", #""""#, "/host"), ("ports", "80", "/ports"), ("ports", "[0]", "/ports/0"),
            ("ports", "[65536]", "/ports/0"), ("ports", "[1.5]", "/ports/0"), ("ports", "[true]", "/ports/0"),
            ("ports", #"[80,"80/tcp"]"#, "/ports/1"), ("ports", #"["8080:80","8080:81"]"#, "/ports/1"),
            ("ports", #"[{"container":80,"hots":8080}]"#, "/ports/0/hots"),
            ("ports", #"[{"host":80}]"#, "/ports/0/container"),
            ("ports", #"[{"container":80,"protocol":"icmp"}]"#, "/ports/0/protocol"),
            ("volumes", #"[{"name":"/etc","target":"/x"}]"#, "/volumes/0"),
            ("volumes", #"[{"name":"../x","target":"/x"}]"#, "/volumes/0"),
            ("volumes", #"[{"name":"data","target":"x"}]"#, "/volumes/0"),
            ("volumes", #"[{"name":"aa","target":"/x"},{"name":"bb","target":"//x/./"}]"#, "/volumes/1"),
            ("volumes", #"[{"name":"data","target":"/a/../.."}]"#, "/volumes/0"),
            ("volumes", #"[{"name":"data","target":"/"}]"#, "/volumes/0"),
            ("volumes", #"[{"name":"data"}]"#, "/volumes/0/target"),
            ("volumes", #"[{"name":"data","target":"/x","source":"/etc"}]"#, "/volumes/0/source"),
            ("volumes", #"[{"name":"d1","target":"/x"},{"name":"d2","target":"/x"}]"#, "/volumes/1"),
            ("volumes", #"["/etc:/etc"]"#, "/volumes/0"), ("volumes", #"["data:/x:rx"]"#, "/volumes/0"),
            ("volumes", #"["data"]"#, "/volumes/0"), ("ports", #"["127.0.0.1:80:80","80:81"]"#, "/ports/1"),
            ("ports", #"[{"container":80,"address":"here"}]"#, "/ports/0"), ("restart", #""on-failure:0""#, "/restart"),
            ("restart", #""on-failure:x""#, "/restart"), ("restart", #""always:3""#, "/restart"),
            ("pull", #""never""#, "/pull"), ("health", "{}", "/health/command"),
            ("health", #"{"command":"a","http":{"port":80}}"#, "/health/command"),
            ("health", #"{"http":{"port":80,"path":"/'"}}"#, "/health/http/path"),
            ("health", #"{"http":{"port":80,"path":"x"}}"#, "/health/http/path"),
            ("health", #"{"http":{}}"#, "/health/http/port"),
            ("health", #"{"command":"a","interval":0}"#, "/health/interval"),
            ("tmpfs", #"["/"]"#, "/tmpfs/0"), ("tmpfs", #"["/a","/a/"]"#, "/tmpfs/1"),
            ("tmpfs", #"[{"target":"/a","size_bytes":1}]"#, "/tmpfs/0/size_bytes"), ("read_only", "1", "/read_only"),
            ("shm_bytes", "0", "/shm_bytes"), ("pids_limit", "0", "/pids_limit"),
            ("ulimits", #"[{"name":"files","soft":1}]"#, "/ulimits/0/name"),
            ("ulimits", #"[{"name":"nofile","soft":2,"hard":1}]"#, "/ulimits/0"),
            ("ulimits", #"[{"name":"core","soft":-1,"hard":1}]"#, "/ulimits/0"),
            ("ulimits", #"[{"name":"core","soft":1},{"name":"core","soft":1}]"#, "/ulimits/1"),
            ("network", #""host""#, "/network"), ("network", #""container:x""#, "/network"),
            ("network", #""Bridge""#, "/network"),
            ("hostname", #""a b""#, "/hostname"), ("hostname", #""-a""#, "/hostname"),
            ("extra_hosts", #"{"db":"there"}"#, "/extra_hosts/db"),
            ("extra_hosts", #"{"a b":"1.1.1.1"}"#, "/extra_hosts/a b"),
            ("init", #""yes""#, "/init"), ("stop_signal", #""SIGFOO""#, "/stop_signal"),
            ("stop_signal", #""65""#, "/stop_signal"), ("volumes", "{}", "/volumes"),
            ("memory_bytes", "6291455", "/memory_bytes"), ("memory_bytes", #""1z""#, "/memory_bytes"),
            ("memory_bytes", #""5m""#, "/memory_bytes"),
            ("memory_bytes", #""1e9""#, "/memory_bytes"), ("memory_bytes", #""-1g""#, "/memory_bytes"),
            ("memory_bytes", "-1", "/memory_bytes"), ("memory_bytes", "1e30", "/memory_bytes"),
            ("cpus", "0", "/cpus"), ("cpus", "0.009", "/cpus"), ("cpus", "1025", "/cpus"), ("cpus", "1e999", "/cpus"),
            ("cpus", #""1""#, "/cpus"), ("restart", #""alway""#, "/restart"), ("restart", "true", "/restart"),
            ("labels", #"{"berth.run":"x"}"#, "/labels/berth.run"), ("labels", #"{"":"x"}"#, "/labels/"),
            ("labels", #"{"a":true}"#, "/labels/a"), ("user", #""""#, "/user"), ("user", #""a\nb""#, "/user"),
            ("user", #""a\r\nb""#, "/user"), ("user", #""a\u0000""#, "/user"),
            ("user", "\"" + String(repeating: "a", count: 256) + "\"", "/user"),
            ("working_dir", #""srv""#, "/working_dir"), ("working_dir", #""/a/../b""#, "/working_dir"),
            ("working_dir", #""/a\u0000""#, "/working_dir"), ("stop_timeout", "-1", "/stop_timeout"),
            ("stop_timeout", "3601", "/stop_timeout"), ("stop_timeout", "1.5", "/stop_timeout"),
            ("max_runtime", "0", "/max_runtime"), ("max_runtime", "31536001", "/max_runtime"),
        ] as [(String, String, String)]
    )
    func `An invalid field value is refused with its place`(_ field: String, _ value: String, _ pointer: String)
        async throws
    {
        let answer = try await create(field, value)
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == [pointer])
        #expect(try await client.platform.apps.list(for: .local).isEmpty)
    }

    @Test(arguments: [
        "", "80:", ":80", "8080:", "a", "80/", "80/icmp", "80/tcp/udp", "+80", "-80", "0", "65536", "1:2:3",
        "127.0.0.1:80", "localhost:80:80", "80 ", "90-80", "80-82:80-81", "1-200", "٣", "99999999999999999999", "/tcp",
        ":",
    ])
    func `A text that is not a port is refused`(_ text: String) async throws {
        let answer = try await create("ports", "[\"\(text)\"]")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/ports/0"])
    }

    @Test(arguments: [
        "privileged", "binds", "mounts", "cap_add", "devices", "network_mode", "pid_mode", "ipc_mode", "security_opt",
        "sysctls", "userns_mode", "host_config", "HostConfig", "Command", "runtime", "group_add",
    ])
    func `A setting that weakens the container's isolation is an unknown field`(_ field: String) async throws {
        let answer = try await create(field, "true")
        try expectProblem(answer, 422, "invalid_fields")
        #expect(try answer.pointers() == ["/\(field)"])
        #expect(answer.body.contains("unknown field"))
    }

    @Test func `A volume that is a path is refused with the reason`() async throws {
        let answer = try await create("volumes", #"[{"name":"/etc","target":"/x"}]"#)
        #expect(try answer.text("detail")?.contains("paths of the host cannot be mounted") == true)
    }

    @Test func `An unknown host is refused with the names of the known hosts`() async throws {
        let answer = try await create("host", #""wep""#)
        #expect(
            try answer.text("detail") == #"/host: must be one of "local", "web"; did you mean "web"?"#
        )
    }

    @Test func `All invalid fields are reported at once`() async throws {
        let answer = try await client.send(
            .post,
            "/v1/apps",
            """
            {"name":"A","comand":"x","ports":[80,0,"x",{"container":0,"host":0,"protokol":"tcp"}],"cpus":"1",
             "volumes":[{"name":"/","target":"/x"},{}],"labels":{"berth.x":"1"},"working_dir":"x","user":""}
            """
        )
        try expectProblem(answer, 422, "invalid_fields")
        #expect(
            try answer.pointers() == [
                "/name", "/image", "/ports/1", "/ports/2", "/ports/3/container", "/ports/3/host", "/ports/3/protokol",
                "/volumes/0", "/volumes/1/name", "/volumes/1/target", "/cpus", "/labels/berth.x", "/user",
                "/working_dir", "/comand",
            ]
        )
        #expect(answer.body.contains(#"did you mean \"command\"?"#))
        #expect(answer.body.contains(#"did you mean \"protocol\"?"#))
    }

    @Test func `Each field has an upper limit on its number of entries`() async throws {
        let ports = "[" + (1...101).map { "\($0)" }.joined(separator: ",") + "]"
        #expect(try await create("ports", ports).pointers() == ["/ports/100"])
        let labels = "{" + (1...201).map { "\"l\($0)\":\"\"" }.joined(separator: ",") + "}"
        #expect(try await create("labels", labels).pointers() == ["/labels"])
    }
}

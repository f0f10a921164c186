import DockerEngine
import JSON
import TestSupport
import Testing

/// The policy and the safe defaults, on the real engine.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PolicyTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    private func withServer(_ body: @escaping @Sendable (HTTP, String) async throws -> Void) async throws {
        let app = freshName("app")
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"]) { server in
            try await server.client.waitForHost("lab", "connected")
            try await body(server.client, app)
        }
        try await lab.removeContainers(ofApp: app)
    }

    private func set(_ policy: JSONValue, _ http: HTTP) async throws {
        let answer = try await http.put("/v1/policy", policy)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// The output of a script that runs to its end in a new container.
    private func output(
        of script: String,
        _ settings: JSONObject = [:],
        app: String,
        _ http: HTTP
    ) async throws -> String {
        var definition: JSONObject = ["image": "busybox", "command": ["sh", "-c", .string(script)]]
        definition.append(settings)
        if try await http.put("/v1/apps/\(app)", .object(definition)).status == 404 {
            definition.set("name", to: .string(app))
            #expect(try await http.post("/v1/apps", .object(definition)).status == 201)
        }
        let answer = try await http.post("/v1/apps/\(app)/runs", ["wait": "finished", "timeout": 60])
        #expect(answer.status == 201, "\(answer.text)")
        return try await http.get("/v1/runs/\(answer["items"].elements.first?["name"].string ?? "")/logs").text
    }

    private func hostConfig(_ name: String) async throws -> HostConfig {
        let id = try await runDocker(lab, "inspect", "--format", "{{.Id}}", name)
        guard let id = ContainerID(id) else { throw LabError("\(id) is no container") }
        let details = try await lab.withEngine { try await $0.container(id) }
        return try #require(details.hostConfig)
    }

    @Test func `A container has the safe defaults, and those of a changed policy`() async throws {
        try await withServer { http, app in
            try await http.define(app)
            let usual = try await hostConfig(http.run(app))
            #expect(usual.securityOptions == ["no-new-privileges"])
            #expect(usual.pidsLimit == 4096)
            let options = ["max-size": "10485760", "max-file": "3"]
            let driver = try await http.get("/v1/hosts/lab")["log_driver"].string
            #expect(usual.logConfig == LogConfig(driver: driver, options: options))
            try await set(
                [
                    "max_pids": 100,
                    "containers": ["no_new_privileges": false, "log_max_bytes": "1m", "log_max_files": 1],
                ],
                http
            )
            let changed = try await hostConfig(http.run(app))
            #expect(changed.securityOptions == nil)
            #expect(changed.pidsLimit == 100)
            let single = ["max-size": "1048576", "max-file": "1", "compress": "false"]
            #expect(changed.logConfig == LogConfig(driver: driver, options: single))
            try await set(["containers": ["no_new_privileges": false, "pids_limit": nil, "log_max_bytes": nil]], http)
            let bare = try await hostConfig(http.run(app))
            #expect(bare.securityOptions == nil)
            #expect(bare.pidsLimit == nil)
            #expect(bare.logConfig == nil)
        }
    }

    @Test func `A program with a setuid bit gains nothing by it, unless the policy allows that`() async throws {
        // This applet reports whether it has the rights of root.
        let script = """
            mkdir /p; cp /bin/busybox /p/busybox; chmod 4755 /p/busybox
            su -s /bin/sh nobody -c '/p/busybox crontab -l' 2>&1; grep NoNewPrivs /proc/self/status
            """
        try await withServer { http, app in
            let usual = try await output(of: script, app: app, http)
            #expect(usual.contains("must be suid"), "\(usual)")
            #expect(usual.contains("NoNewPrivs:\t1"), "\(usual)")
            try await set(["containers": ["no_new_privileges": false]], http)
            let allowed = try await output(of: script, app: app, http)
            #expect(allowed.contains("crontab:") && !allowed.contains("must be suid"), "\(allowed)")
            #expect(allowed.contains("NoNewPrivs:\t0"), "\(allowed)")
        }
    }

    @Test func `A fork bomb is contained by the limit of processes, and an app's own limit wins`() async throws {
        // The last two commands start no process.
        let script = """
            (while true; do sleep 100 & done) 2>&1
            for file in /sys/fs/cgroup/pids/pids.current /sys/fs/cgroup/pids.current; do
            [ ! -r $file ] || read count <$file; done; echo "processes: $count"
            """
        try await withServer { http, app in
            try await set(["max_pids": 60, "containers": ["pids_limit": 40]], http)
            for (own, limit) in [(nil, 40), (15, 15), (60, 60)] as [(Int?, Int)] {
                let text = try await output(of: script, ["pids_limit": JSONValue(own)], app: app, http)
                #expect(text.contains("can't fork"), "\(text)")
                let count = text.firstMatch(of: /processes: (\d+)/).flatMap { Int($0.1) } ?? 0
                #expect((limit - 5...limit).contains(count), "\(text)")
            }
            let denied = try await http.patch("/v1/apps/\(app)", ["pids_limit": 61])
            #expect(denied.status == 403)
            #expect(denied["code"] == "policy_denied")
            #expect(denied["detail"].string.contains("max_pids: pids_limit is 61, and may be at most 60"))
        }
    }

    @Test func `A container cannot be run by the beginning of its image's id`() async throws {
        let id = try await runDocker(lab, "image", "inspect", "--format", "{{.Id}}", "busybox")
        try await withServer { http, app in
            // The name is in the registry of Docker, where the lab finds no such image.
            try await http.define(app, image: String(id.dropFirst("sha256:".count).prefix(20)))
            let answer = try await http.post("/apps/run/\(app)")
            #expect(answer.status >= 500, "\(answer.text)")
            #expect(try await lab.containers(ofApp: app).isEmpty)
        }
    }

    @Test func `A policy outlives the server, holds the limit of live runs, and lets containers go on`() async throws {
        let app = freshName("app")
        try await withDirectory { state in
            let name = try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], stateDirectory: state) {
                server in
                let http = server.client
                try await http.define(app)
                let name = try await http.run(app)
                try await set(["max_runs_per_app": 2, "host_ports": "none"], http)
                return name
            }
            try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], stateDirectory: state) { server in
                let http = server.client
                try await http.waitForHost("lab", "connected")
                #expect(try await http.get("/v1/policy")["max_runs_per_app"].int == 2)
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<8 { group.addTask { try await http.post("/apps/run/\(app)").status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.sorted() == [201] + Array(repeating: 403, count: 7))
                #expect(try await lab.containers(ofApp: app).count { $0.state == "running" } == 2)
                try await set(["images": ["reg.example/*"], "max_runs_per_app": 0], http)
                #expect(try await http.post("/v1/runs/\(name)/restart")["state"] == "running")
                #expect(try await http.post("/v1/runs/\(name)/stop")["state"] == "exited")
                let denied = try await http.post("/v1/runs/\(name)/start")
                #expect(denied.status == 403)
                #expect(denied["detail"].string.contains("images: docker.io/library/busybox:latest"))
                #expect(denied["detail"].string.contains("max_runs_per_app: "))
            }
        }
        try await lab.removeContainers(ofApp: app)
    }
}

import DockerEngine
import FoundationEssentials
import JSON
import TestSupport
import Testing

/// `/v1` from end to end: all settings of an app, its releases, and all actions on its runs.
@Suite(.serialized) struct FullFormTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `Every setting of an app arrives in its container, and is returned as it was sent`() async throws {
        let app = freshName("app")
        let volume = freshName("vol")
        try await withServer(app) { http in
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "entrypoint": ["sh", "-c"],
                "command": ["trap 'exit 0' TERM; sleep 1000 & wait"], "variables": ["A": "1"], "host": "lab",
                "ports": [["container": 80, "host": nil, "protocol": "tcp", "address": nil]],
                "volumes": [["name": .string(volume), "target": "/data", "read_only": true]],
                "memory_bytes": 33_554_432, "cpus": 1, "restart": "on-failure", "labels": ["team": "a b"],
                "user": "1000:1000", "working_dir": "/tmp", "stop_timeout": 2, "max_runtime": 3600,
            ]
            let created = try await http.post("/v1/apps", definition)
            #expect(created.status == 201, "\(created.text)")
            #expect(created.header("etag") == "\"1\"")
            guard case .object(let members) = definition else { return }
            for member in members.members where member.name != "cpus" {
                #expect(created[member.name] == member.value, "\(member.name)")
            }
            let run = try await self.run(http, app)
            let details = try await inspect(run["container_id"].string)
            #expect(details.config.entrypoint == ["sh", "-c"])
            #expect(details.config.environment?.contains("A=1") == true)
            #expect(details.config.user == "1000:1000")
            #expect(details.config.workingDirectory == "/tmp")
            #expect(details.config.stopTimeout == 2)
            #expect(details.config.labels?["team"] == "a b")
            #expect(details.hostConfig?.memoryBytes == 33_554_432)
            #expect(details.hostConfig?.nanoCPUs == 1_000_000_000)
            #expect(details.hostConfig?.restartPolicy == .onFailure(retries: nil))
            #expect(details.hostConfig?.mounts.first?.source == volume)
            #expect(details.hostConfig?.mounts.first?.isReadOnly == true)
            let published = try await http.get("/v1/runs/\(run["name"].string)")["ports"].elements
            #expect(published.first?["container"].int == 80)
            #expect((published.first?["host"].int ?? 0) > 0)
        }
        try await runDocker(lab, "volume", "rm", volume)
    }

    @Test func `Settings take effect inside the container`() async throws {
        let app = freshName("app")
        let script = """
            hostname; grep db /etc/hosts | head -n 1; ulimit -Sn; ulimit -Hn; df -k /dev/shm /scratch | awk 'NR>1{print $2}'; \
            cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max; touch /x 2>/dev/null || echo read-only; \
            cat /proc/1/comm; trap 'echo stopped by USR1; exit 0' USR1; while true; do sleep 0.1; done
            """
        try await withServer(app) { http in
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "command": ["sh", "-c", .string(script)], "hostname": "web",
                "extra_hosts": ["db": "10.1.2.3"], "ulimits": [["name": "nofile", "soft": 100, "hard": 200]],
                "shm_bytes": "1m", "tmpfs": [["target": "/scratch", "size_bytes": "2m"]], "pids_limit": 50,
                "read_only": true, "init": true, "stop_signal": "SIGUSR1", "pull": "missing",
            ]
            #expect(try await http.post("/v1/apps", definition).status == 201)
            let name = try await self.run(http, app)["name"].string
            let lines = ["web", "10.1.2.3\tdb", "100", "200", "1024", "2048", "50", "read-only"]
            try await eventually("it says all of it") {
                let said = try await runDocker(lab, "logs", name).split(separator: "\n").map(String.init)
                return said.prefix(lines.count).elementsEqual(lines) && said.count > lines.count
                    && !said[lines.count].hasPrefix("sh")
            }
            let stopped = try await http.post("/v1/runs/\(name)/stop")
            #expect(stopped["exit_code"].int == 0, "\(stopped.text)")
            #expect(try await runDocker(lab, "logs", name).contains("stopped by USR1"))
        }
    }

    @Test func `A run shows the result of its health check, and none after its end`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let serve = "mkdir /www; echo up >/www/up; httpd -h /www; while true; do sleep 0.1; done"
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "command": ["sh", "-c", .string(serve)],
                "health": ["http": ["port": 80, "path": "/up"], "interval": 1, "retries": 2],
            ]
            #expect(try await http.post("/v1/apps", definition).status == 201)
            let name = try await self.run(http, app)["name"].string
            func expectHealth(_ health: JSONValue) async throws {
                try await eventually(within: .promised(.seconds(8)), "its health is \(health)") {
                    try await http.get("/v1/runs/\(name)")["health"] == health
                }
            }
            try await expectHealth("healthy")
            try await runDocker(lab, "exec", name, "rm", "/www/up")
            try await expectHealth("unhealthy")
            #expect(try await http.post("/v1/runs/\(name)/stop").status == 200)
            try await expectHealth(nil)
        }
    }

    @Test func `A failing container is restarted at most as often as the policy says`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "command": ["sh", "-c", "echo once; exit 7"],
                "restart": "on-failure:2",
            ]
            #expect(try await http.post("/v1/apps", definition).status == 201)
            let name = try await self.run(http, app)["name"].string
            try await eventually("it is given up") {
                let run = try await http.get("/v1/runs/\(name)")
                let log = try await runDocker(lab, "logs", name)
                return run["state"] == "exited" && run["exit_code"].int == 7 && log.split(separator: "\n").count == 3
            }
        }
    }

    @Test func `Runs on one network find each other by app name, and the network is removed with the last of them`()
        async throws
    {
        let (server, client, network) = (freshName("app"), freshName("app"), freshName("net"))
        try await withServer(server) { http in
            let wait = "while true; do sleep 0.1; done"
            let ask = "until ping -c 1 -W 1 \(server); do sleep 0.1; done; \(wait)"
            for (app, script) in [(server, wait), (client, ask)] {
                let definition: JSONValue = [
                    "name": .string(app), "image": "busybox", "command": ["sh", "-c", .string(script)],
                    "network": .string(network), "stop_timeout": 0,
                ]
                #expect(try await http.post("/v1/apps", definition).status == 201)
                #expect(try await http.run(app).isEmpty == false)
            }
            let asking = try #require(try await http.runs(of: client).first)["name"].string
            try await eventually("it was found") {
                try await runDocker(lab, "logs", asking).contains(" 1 packets received")
            }
            // A run starts while another, which may be the last in the network, is removed.
            #expect(try await http.delete("/apps/\(server)?force=true").status == 204)
            for _ in 0..<5 {
                let last = try await http.runs(of: client).filter { $0["status"] == "R" }.map { $0["name"].string }
                async let removed = Self.remove(last, http)
                #expect(try await http.post("/v1/apps/\(client)/runs").status == 201)
                try await removed
            }
            #expect(try await runDocker(lab, "network", "ls", "-q", "--filter", "name=\(network)").isEmpty == false)
            #expect(try await http.delete("/apps/\(client)?force=true").status == 204)
            try await runDocker(lab, "network", "create", "\(network)-theirs")
            try await http.define(server)
            #expect(try await http.patch("/v1/apps/\(server)", ["network": .string("\(network)-theirs")]).status == 200)
            let refused = try await http.post("/v1/apps/\(server)/runs")
            #expect(refused.status == 502)
            #expect(refused["detail"].string.contains("that Berth did not create"))
            try await runDocker(lab, "network", "rm", "\(network)-theirs")
            try await eventually(within: .promised(.seconds(2)), "the network is gone") {
                try await runDocker(lab, "network", "ls", "-q", "--filter", "name=\(network)").isEmpty
            }
        }
    }

    private static func remove(_ names: [String], _ http: HTTP) async throws {
        for name in names { _ = try await http.delete("/v1/runs/\(name)?force=true") }
    }

    @Test func `A moved tag is followed if the app or the call always pulls`() async throws {
        let (app, image) = (freshName("app"), "\(lab.registry)/\(freshName()):1")
        let lab = lab
        @Sendable func push(_ source: String) async throws -> String {
            try await runDocker(lab, "tag", source, image)
            try await runDocker(lab, "push", image)
            return try await runDocker(lab, "image", "inspect", "--format", "{{.Id}}", image)
        }
        try await withServer(app) { http in
            let second = try await push("nginx")
            let first = try await push("busybox")
            try await runDocker(lab, "tag", "nginx", image)
            try await runDocker(lab, "push", image)
            try await runDocker(lab, "tag", "busybox", image)
            #expect(first != second)
            try await http.define(app, image: image)
            func imageID(_ call: JSONValue) async throws -> String {
                let name =
                    try await http.post("/v1/apps/\(app)/runs", call)["items"].elements.first?["name"].string ?? ""
                try await eventually("its image is known") {
                    try await !http.get("/v1/runs/\(name)")["image_id"].string.isEmpty
                }
                return try await http.get("/v1/runs/\(name)")["image_id"].string
            }
            #expect(try await imageID([:]) == first)
            #expect(try await imageID(["pull": "always"]) == second)
            try await runDocker(lab, "tag", "busybox", image)
            #expect(try await http.patch("/v1/apps/\(app)", ["pull": "always"]).status == 200)
            #expect(try await imageID(["pull": "missing"]) == first)
            #expect(try await imageID([:]) == second)
        }
        try await runDocker(lab, "image", "rm", image)
    }

    @Test func `A range of ports is published on one address`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let first = Int.random(in: 20_000...29_000)
            let definition: JSONValue = [
                "name": .string(app), "image": "busybox", "command": sleeping,
                "ports": [.string("127.0.0.1:\(first)-\(first + 2):80-82")],
            ]
            #expect(try await http.post("/v1/apps", definition).status == 201)
            let run = try await self.run(http, app)
            let published = run["ports"].elements.map {
                "\($0["address"].string) \($0["host"].int ?? 0) \($0["container"].int ?? 0)"
            }
            #expect(published == (0..<3).map { "127.0.0.1 \(first + $0) \(80 + $0)" })
        }
    }

    @Test func `An app's history is kept, and a rollback makes a new release of the old settings`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            try await http.define(app, command: sleeping)
            let changed = try await http.patch("/v1/apps/\(app)", ["variables": ["A": "2"]], ifMatch: "\"1\"")
            #expect(changed.header("etag") == "\"2\"")
            let refused = try await http.patch("/v1/apps/\(app)", ["variables": ["A": "3"]], ifMatch: "\"1\"")
            #expect(refused.status == 412)
            #expect(refused["code"] == "release_changed")
            let back = try await http.post("/v1/apps/\(app)/rollback", ["release": 1])
            #expect(back.status == 200)
            #expect(back["release"].int == 3)
            #expect(back["variables"] == [:])
            let releases = try await http.get("/v1/apps/\(app)/releases")["items"].elements
            #expect(releases.map { $0["release"].int } == [3, 2, 1])
            #expect(releases[0]["restored_release"].int == 1)
            #expect(releases.allSatisfy { $0["created_by"].string == "local" && !$0["created_at"].string.isEmpty })
            let run = try await self.run(http, app)
            #expect(run["release"].int == 3)
        }
    }

    @Test func `Overrides of a call apply only to that call`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            try await http.define(app, command: sleeping)
            let other: JSONValue = ["sh", "-c", "trap 'exit 0' TERM; sleep 999 & wait"]
            let answer = try await http.post(
                "/v1/apps/\(app)/runs",
                ["count": 2, "command": other, "variables": ["B": "x"]]
            )
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer["items"].elements.count == 2)
            for run in answer["items"].elements {
                let details = try await inspect(run["container_id"].string)
                #expect(details.config.environment?.contains("B=x") == true)
                #expect(details.config.command?.last == "trap 'exit 0' TERM; sleep 999 & wait")
            }
            let plain = try await self.run(http, app)
            #expect(try await inspect(plain["container_id"].string).config.environment?.contains("B=x") != true)
        }
    }

    @Test func `A run is stopped, started, restarted, paused, killed and removed, and its record stays`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            try await http.define(app, command: sleeping)
            let name = try await self.run(http, app)["name"].string
            func act(_ action: String) async throws -> HTTP.Answer { try await http.post("/v1/runs/\(name)/\(action)") }
            let stopped = try await act("stop")
            #expect(stopped.status == 200)
            #expect(stopped["state"] == "exited")
            #expect(stopped["exit_code"].int == 0)
            #expect(try await act("stop").status == 200)
            #expect(try await act("kill")["code"] == "run_state_conflict")
            #expect(try await act("start")["state"] == "running")
            #expect(try await act("pause")["state"] == "paused")
            #expect(try await act("pause").status == 200)
            #expect(try await act("restart").status == 409)
            #expect(try await act("unpause")["state"] == "running")
            #expect(try await act("restart")["state"] == "running")
            #expect(try await http.delete("/v1/runs/\(name)").status == 409)
            let killed = try await act("kill")
            #expect(killed["exit_code"].int == 137 || killed["state"] == "running")
            try await eventually("it ended") { try await http.get("/v1/runs/\(name)")["state"] == "exited" }
            #expect(try await http.delete("/v1/runs/\(name)")["state"] == "removed")
            let record = try await http.get("/v1/runs/\(name)")
            #expect(record["exit_code"].int == 137)
            #expect(record["status"] == "F")
            for member in ["image_id", "created_at", "started_at", "finished_at", "observed_at", "container_id"] {
                #expect(!record[member].string.isEmpty, "\(member)")
            }
            #expect(try await lab.containers(ofApp: app).isEmpty)
            #expect(try await act("start").status == 409)
        }
    }

    @Test func `Queued runs are started, and a run that cannot be started says why`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            try await http.define(app, command: sleeping)
            let promised = try await http.post("/v1/apps/\(app)/runs", ["count": 12, "wait": "created"])
            #expect(promised.status == 202, "\(promised.text)")
            #expect(promised["items"].elements.count == 12)
            let names = Set(promised["items"].elements.map { $0["name"].string })
            try await eventually("all run") {
                let listed = try await http.containers()
                return names.allSatisfy { listed[$0] == "R" } && listed.count == 12
            }
            try await eventually("all are there") {
                try await lab.containers(ofApp: app).count { $0.state == "running" } == 12
            }
            _ = try await http.put("/apps/\(app)", ["image": "busybox", "command": "/no/such/thing"])
            let broken = try await http.post("/v1/apps/\(app)/runs", ["wait": "created"])
            let name = broken["items"].elements.first?["name"].string ?? ""
            try await eventually("it failed") { try await http.get("/v1/runs/\(name)")["state"] == "failed" }
            #expect(try await http.get("/v1/runs/\(name)")["reason"].string.contains("/no/such/thing"))
        }
    }

    @Test func `A run that the kernel ended for its memory says so, even after its container was removed`() async throws
    {
        let app = freshName("app")
        try await withServer(app) { http in
            let made = try await http.post(
                "/v1/apps",
                [
                    "name": .string(app), "image": "busybox", "command": ["tail", "/dev/zero"],
                    "memory_bytes": 16_777_216,
                ]
            )
            #expect(made.status == 201, "\(made.text)")
            let name = try await self.run(http, app)["name"].string
            try await eventually("it was killed") { try await http.get("/v1/runs/\(name)")["state"] == "exited" }
            #expect(try await http.get("/v1/runs/\(name)")["oom_killed"] == true)
            try await runDocker(lab, "rm", name)
            try await eventually("its container is gone") {
                try await http.get("/v1/runs/\(name)")["state"] == "removed"
            }
            let record = try await http.get("/v1/runs/\(name)")
            #expect(record["oom_killed"] == true)
            #expect(record["exit_code"].int == 137)
        }
    }

    @Test func `A run with a time limit is stopped at the limit, and says so`() async throws {
        let app = freshName("app")
        try await withServer(app) { http in
            let made = try await http.post(
                "/v1/apps",
                ["name": .string(app), "image": "busybox", "command": sleeping, "max_runtime": 2]
            )
            #expect(made.status == 201, "\(made.text)")
            let name = try await self.run(http, app)["name"].string
            try await eventually("it was stopped") { try await http.get("/v1/runs/\(name)")["state"] == "exited" }
            try await eventually("it says why") {
                try await http.get("/v1/runs/\(name)")["reason"].string.contains("max_runtime")
            }
        }
    }
}

extension FullFormTests {
    private func withServer(_ app: String, _ body: @escaping @Sendable (HTTP) async throws -> Void) async throws {
        try await BerthProcess.with(hosts: ["lab=\(lab.sshEndpoint)"], sshConfig: lab.sshConfig) { server in
            try await server.client.waitForHost("lab", "connected")
            try await body(server.client)
        }
        try await lab.removeContainers(ofApp: app)
    }

    private func run(_ http: HTTP, _ app: String) async throws -> JSONValue {
        let answer = try await http.post("/v1/apps/\(app)/runs")
        guard answer.status == 201, let run = answer["items"].elements.first else {
            throw LabError("no run: \(answer.status) \(answer.text)")
        }
        return run
    }

    private func inspect(_ id: String) async throws -> ContainerDetails {
        guard let id = ContainerID(id) else { throw LabError("\(id) is no container") }
        return try await lab.withEngine { try await $0.container(id) }
    }
}

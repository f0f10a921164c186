import DockerEngine
import JSON
import Testing

@testable import Berth

@Suite struct PolicyTests {
    private func policy(_ json: JSONValue) throws -> Policy { try Policy(json) }

    /// The violated rules.
    private func rules(_ policy: JSONValue, _ settings: AppSettings, runs: Int? = nil) throws -> [String] {
        try Policy(policy).denial(of: settings, runs: runs)?.violations.map(\.rule) ?? []
    }

    private func settings(_ fields: JSONObject) throws -> AppSettings {
        var all: JSONObject = ["image": "nginx"]
        all.append(fields)
        return try AppSettings(.object(all))
    }

    @Test func `The default policy allows everything`() throws {
        #expect(try Policy([:]) == Policy())
        #expect(Policy().denial(of: try .full(), runs: 1_000_000) == nil)
        #expect(Policy().denial(of: try ImageReference("evil.example/a")) == nil)
    }

    @Test(
        arguments: [
            ("memory_bytes", 67_108_864, true), ("memory_bytes", 67_108_865, false), ("memory_bytes", nil, false),
            ("cpus", 1.5.json, true), ("cpus", 1.500000001.json, false), ("cpus", nil, false),
            ("cpus", 0.01.json, true),
            ("pids_limit", 100, true), ("pids_limit", 101, false), ("pids_limit", nil, true),
        ] as [(String, JSONValue, Bool)]
    )
    func `A limit includes its value, and an app without one is beyond it`(
        setting: String,
        value: JSONValue,
        isAllowed: Bool
    ) throws {
        let policies: [String: JSONValue] = [
            "memory_bytes": ["max_memory_bytes": "64m"], "cpus": ["max_cpus": 1.5.json],
            "pids_limit": ["max_pids": 100],
        ]
        let policy = try Policy(#require(policies[setting]))
        let denial = policy.denial(of: try settings([setting: value]))
        #expect((denial == nil) == isAllowed, "\(denial?.description ?? "")")
        if value == .null, !isAllowed { #expect(denial?.description.contains("set \(setting), to at most") == true) }
    }

    @Test(arguments: [(nil, true), (0, true), (2, true), (3, false), (Int.max, false)] as [(Int?, Bool)])
    func `The number of live runs may reach its limit`(runs: Int?, isAllowed: Bool) throws {
        #expect(try rules(["max_runs_per_app": 2], .example(), runs: runs) == (isAllowed ? [] : ["max_runs_per_app"]))
    }

    @Test(
        arguments: [
            ("any", "8080:80", true), ("any", "80", true), ("none", "8080:80", false), ("none", "80", false),
            ([[8000, 8999]], "8000:80", true), ([[8000, 8999]], "8999:80/udp", true),
            ([[8000, 8999]], "7999:80", false),
            ([[8000, 8999]], "9000:80", false), ([[8000, 8999]], "80", true),
            ([[8000, 8999]], "127.0.0.1:9000:80", false),
            ([[80, 80], [443, 443]], "443:80", true), ([[80, 80], [443, 443]], "81:80", false), ([], "80:80", false),
            ([], "80", true), ([[1, 65535]], "65535:1", true), ([[8000, 8999]], "8998-9001:1-4", false),
        ] as [(JSONValue, String, Bool)]
    )
    func `A port of the host must be in a range, unless the engine chooses it`(
        rule: JSONValue,
        port: String,
        isAllowed: Bool
    ) throws {
        let found = try rules(["host_ports": rule], settings(["ports": [.string(port)]]))
        #expect(found == (isAllowed ? [] : ["host_ports"]))
    }

    @Test func `Without ports, no rule of ports is violated`() throws {
        #expect(try rules(["host_ports": "none"], .example()) == [])
    }

    @Test func `All violated rules come at once, each with its value`() throws {
        let policy = try Policy([
            "images": ["reg.example/acme/*"], "max_memory_bytes": "64m", "max_cpus": 1, "max_pids": 10,
            "max_runs_per_app": 1,
            "host_ports": [[8000, 8999]],
        ])
        let settings = try settings([
            "memory_bytes": "65m", "pids_limit": 11, "ports": ["80:80", "81:81", "8000:82"],
        ])
        let denial = try #require(policy.denial(of: settings, runs: 3))
        #expect(
            denial.description == """
                images: docker.io/library/nginx:latest matches none of the allowed images; \
                max_memory_bytes: memory_bytes is 68157440, and may be at most 67108864; \
                max_cpus: set cpus, to at most 1; max_pids: pids_limit is 11, and may be at most 10; \
                max_runs_per_app: the app would have 3 live runs, and may have 1; \
                host_ports: these ports of the host are not allowed: 80:80/tcp and 1 more
                """
        )
        #expect("\(BerthError.policyDenied(denial))".hasPrefix("The policy does not allow this. images: docker.io"))
    }

    @Test func `An image list without a match, or without patterns, allows no image`() throws {
        for images in [["docker.io/acme/*"], []] as [JSONValue] {
            #expect(try rules(["images": images], .example()) == ["images"])
            #expect(try Policy(["images": images]).denial(of: ImageReference("nginx")) != nil)
        }
        #expect(try rules(["images": ["docker.io/acme/*", "docker.io/library/nginx"]], .example()) == [])
    }

    @Test func `A policy is returned as it was sent, with all fields`() throws {
        let full: JSONValue = [
            "images": ["docker.io/library/*"], "max_memory_bytes": 67_108_864, "max_cpus": 1.5.json, "max_pids": 100,
            "max_runs_per_app": 0, "host_ports": [[80, 80], [8000, 8999]],
            "containers": [
                "no_new_privileges": false, "pids_limit": nil, "log_max_bytes": nil, "log_max_files": 1,
            ],
        ]
        #expect(try Policy(full).json.text == full.text)
        #expect(
            Policy().json.text == """
                {"images":["*"],"max_memory_bytes":null,"max_cpus":null,"max_pids":null,"max_runs_per_app":null,\
                "host_ports":"any","containers":{"no_new_privileges":true,"pids_limit":4096,"log_max_bytes":10485760,\
                "log_max_files":3}}
                """
        )
        #expect(try Policy(Policy().json) == Policy())
        #expect(try Policy(["host_ports": "none"]).json.text.contains(#""host_ports":"none""#))
    }

    @Test func `A field that is missing in the containers' part has its default`() throws {
        let policy = try Policy(["containers": ["log_max_files": 5]])
        #expect(policy.containers.hasNoNewPrivileges)
        #expect(policy.containers.pidsLimit == 4096)
        #expect(policy.containers.logBytes == 10 << 20)
        #expect(policy.containers.logFiles == 5)
    }

    @Test(
        arguments: [
            (["images": "*"], "/images"), (["images": ["nginx"]], "/images/0"), (["images": ["*", 1]], "/images/1"),
            (["max_memory_bytes": 1], "/max_memory_bytes"), (["max_cpus": 0], "/max_cpus"),
            (["max_pids": 0], "/max_pids"),
            (["max_runs_per_app": -1], "/max_runs_per_app"), (["max_runs_per_app": 1.5.json], "/max_runs_per_app"),
            (["host_ports": "all"], "/host_ports"), (["host_ports": "Any"], "/host_ports"),
            (["host_ports": 80], "/host_ports"),
            (["host_ports": [[2, 1]]], "/host_ports/0"), (["host_ports": [[1]]], "/host_ports/0"),
            (["host_ports": [[0, 1]]], "/host_ports/0/0"), (["host_ports": [[1, 65536]]], "/host_ports/0/1"),
            (["host_ports": ["80-90"]], "/host_ports/0"), (["containers": 1], "/containers"),
            (["containers": ["privileged": true]], "/containers/privileged"),
            (["containers": ["pids_limit": 0]], "/containers/pids_limit"),
            (["containers": ["log_max_bytes": 65535]], "/containers/log_max_bytes"),
            (["containers": ["log_max_files": 0]], "/containers/log_max_files"), (["Images": ["*"]], "/Images"),
            (["max_memory": 1], "/max_memory"), ([], ""),
        ] as [(JSONValue, String)]
    )
    func `An invalid policy is rejected at its place`(json: JSONValue, pointer: String) {
        let error = #expect(throws: FieldErrors.self) { try Policy(json) }
        #expect(error?.errors.first?.pointer == pointer)
    }

    @Test func `Image patterns and ranges of ports are limited in number`() throws {
        let patterns = (0...100).map { JSONValue.string("reg.example/a\($0)/*") }
        #expect(try Policy(["images": .array(patterns.dropLast())]).images.count == 100)
        #expect(throws: FieldErrors.self) { try Policy(["images": .array(patterns)]) }
        let ranges = Array(repeating: [1, 2] as JSONValue, count: 101)
        #expect(throws: FieldErrors.self) { try Policy(["host_ports": .array(ranges)]) }
    }
}

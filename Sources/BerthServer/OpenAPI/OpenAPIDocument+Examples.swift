import JSON

extension OpenAPIDocument {
    /// An example of each schema that is used by itself; a test compares them with their schemas.
    static let examples: [(title: String, value: JSONValue)] = [
        ("AppDefinition", definition(["name": "web"])),
        ("AppReplacement", definition([:])),
        ("AppPatch", ["image": "nginx:1.29", "variables": ["TZ": nil, "LOG": "debug"]]),
        ("App", app),
        ("AppList", ["items": [app], "next_cursor": nil]),
        ("Release", release),
        ("ReleaseList", ["items": [release], "next_cursor": "3"]),
        ("RunRequest", ["count": 2, "variables": ["LOG": "debug"], "wait": "started"]),
        ("Run", run),
        ("RunList", ["items": [run], "next_cursor": nil]),
        ("StartedRuns", ["items": [run]]),
        ("ExecRequest", ["command": ["nginx", "-v"], "timeout": 10]),
        ("ExecOutput", ["stream": "stderr", "data": "nginx version: nginx/1.29.3\n"]),
        (
            "ExecSession",
            ["id": "5d1c0f6b6f6e4d6f8a2f3b9c7e1d0a44", "run": "web-sn53m4", "state": "running", "exit_code": nil]
        ),
        ("TerminalSize", ["rows": 50, "columns": 120]),
        ("Usage", usage),
        ("Image", image),
        ("ImageList", ["items": [image], "next_cursor": nil]),
        ("ImagePull", ["image": "nginx:1.29", "host": "local"]),
        ("Pull", ["layer": "a1b2c3d4e5f6", "status": "Downloading", "current_bytes": 1024, "total_bytes": 4096]),
        ("ImagePrune", ["host": "local", "keep_releases": 5]),
        (
            "PrunedImages",
            [
                "removed": [["id": imageID, "tags": ["nginx:1.28"], "size_bytes": 67_108_864]],
                "reclaimed_bytes": 67_108_864,
            ]
        ),
        ("HostDefinition", ["name": "web", "endpoint": "ssh://deploy@web.example.org"]),
        ("HostPatch", ["endpoint": "ssh://deploy@web2.example.org"]),
        ("Host", host),
        ("HostList", ["items": [host], "next_cursor": nil]),
        ("PolicyDefinition", policy),
        ("Policy", policy),
        ("SecretDefinition", ["value": "correct horse battery staple"]),
        ("Secret", secret),
        ("SecretList", ["items": [secret], "next_cursor": nil]),
        ("RegistryDefinition", ["username": "deploy", "password": "correct horse battery staple"]),
        ("Registry", registry),
        ("RegistryList", ["items": [registry], "next_cursor": nil]),
        ("AuditRow", auditRow),
        ("AuditRowList", ["items": [auditRow], "next_cursor": nil]),
        ("TokenDefinition", ["name": "ci", "role": "deployer", "apps": ["web-*"], "expires_in": 7_776_000]),
        ("Token", token),
        ("TokenList", ["items": [token], "next_cursor": nil]),
        ("Principal", ["id": "x2k7qf3nbd5ulrwa", "name": "ci", "role": "deployer", "apps": ["web-*"]]),
        ("ShortAppDefinition", short),
        ("ShortAppReplacement", ["image": "nginx", "variables": ["key1": "value1"]]),
        ("ShortAppPatch", ["image": "nginx:1.29"]),
        ("ShortApp", short),
        ("Container", ["name": "app-sn53m4", "Status": "R", "images": "app"]),
        (
            "Problem",
            [
                "type": "urn:berth:problem:app_not_found", "title": "App not found", "status": 404,
                "detail": "There is no app with this name.", "code": "app_not_found",
                "request_id": "91a0a675e5fdf8e34be06c0b3a1cd25e",
            ]
        ),
        ("Version", ["version": "0.1.0", "api": "v1"]),
        ("Status", ["status": "ok"]),
    ]

    private static func definition(_ members: JSONObject) -> JSONValue {
        var object = members
        let settings: JSONObject = [
            "image": "nginx:1.29", "variables": ["TZ": "UTC"], "ports": ["8080:80"], "memory_bytes": "256m",
            "restart": "unless-stopped",
        ]
        object.append(settings)
        return .object(object)
    }

    private static let settings: JSONObject = [
        "image": "nginx:1.29", "command": ["nginx", "-g", "daemon off;"], "entrypoint": nil, "variables": ["TZ": "UTC"],
        "host": nil, "ports": [["container": 80, "host": 8080, "protocol": "tcp", "address": nil]],
        "volumes": [["name": "data", "target": "/data", "read_only": false]], "memory_bytes": 268_435_456,
        "cpus": 2, "restart": "unless-stopped", "labels": ["team": "shop"], "user": nil, "working_dir": nil,
        "stop_timeout": 20, "max_runtime": nil, "pull": "missing", "health": nil, "tmpfs": [], "read_only": false,
        "shm_bytes": nil, "pids_limit": nil, "ulimits": [], "network": nil, "hostname": nil, "extra_hosts": [:],
        "init": false, "stop_signal": nil,
    ]

    private static let app: JSONValue = {
        var app: JSONObject = ["name": "web"]
        app.append(settings)
        app.append(["release": 3, "created_at": time, "updated_at": time])
        return .object(app)
    }()

    private static let release: JSONValue = {
        var release: JSONObject = [
            "app": "web", "release": 3, "created_at": time, "created_by": "local", "origin": "changed",
            "restored_release": nil,
        ]
        release.append(settings)
        return .object(release)
    }()

    private static let run: JSONValue = [
        "name": "web-sn53m4", "app": "web", "release": 3, "host": "local", "image": "nginx:1.29", "image_id": nil,
        "command": nil, "state": "running", "status": "R", "exit_code": nil, "reason": nil, "oom_killed": false,
        "container_id": "4b1d5f3c6a", "ports": [["container": 80, "host": 8080, "protocol": "tcp", "address": nil]],
        "health": nil, "created_at": time, "started_at": time, "finished_at": nil, "observed_at": time,
        "stale": false,
    ]

    private static let usage: JSONValue = [
        "time": time, "cpu_percent": 12, "memory_bytes": 26_214_400, "memory_limit_bytes": 268_435_456,
        "network": ["received_bytes": 1024, "sent_bytes": 2048], "block": ["read_bytes": 4096, "written_bytes": 0],
        "pids": 3,
    ]

    private static let image: JSONValue = [
        "id": imageID, "tags": ["nginx:1.29"], "size_bytes": 67_108_864, "created_at": time, "used_by_runs": 2,
        "used_by_releases": 3,
    ]

    private static let imageID: JSONValue = .string("sha256:" + String(repeating: "0a", count: 32))

    private static let host: JSONValue = [
        "name": "local", "endpoint": "unix:///var/run/docker.sock", "default": true, "source": "flag",
        "drained": false, "scheduler": "engine", "state": "connected", "reason": nil, "fingerprint": nil, "error": nil,
        "engine_version": "20.10.24", "api_version": "1.41", "latency_ms": 1, "last_seen_at": time, "clock_skew_ms": 0,
        "live_restore": false,
        "log_driver": "json-file", "warnings": [],
        "mirror": ["events": 12, "last_event_at": time, "lists": 4, "corrections": 0],
        "runs": ["running": 1, "finished": 2],
    ]

    private static let policy: JSONValue = [
        "images": ["docker.io/library/*", "registry.example.org/acme/*"], "max_memory_bytes": 1_073_741_824,
        "max_cpus": 2, "max_pids": nil, "max_runs_per_app": 10, "host_ports": [[8000, 8999]],
        "containers": [
            "no_new_privileges": true, "pids_limit": 4096, "log_max_bytes": 10_485_760, "log_max_files": 3,
        ],
    ]

    private static let secret: JSONValue = ["name": "DATABASE_URL", "updated_at": time, "updated_by": "ci"]

    private static let registry: JSONValue = [
        "server": "registry.example.org:5000", "username": "deploy", "updated_at": time, "updated_by": "admin",
    ]

    private static let auditRow: JSONValue = [
        "time": time, "actor": "ci", "action": "startRuns", "target": "app web run web-sn53m4", "result": "ok",
        "code": nil, "request_id": "91a0a675e5fdf8e34be06c0b3a1cd25e", "address": "192.0.2.7",
    ]

    private static let token: JSONValue = [
        "id": "x2k7qf3nbd5ulrwa", "name": "ci", "role": "deployer", "apps": ["web-*"], "created_at": time,
        "created_by": "admin", "expires_at": time, "last_used_at": nil,
    ]

    private static let short: JSONValue = [
        "name": "app", "image": "nginx", "command": "sleep 1000",
        "variables": [["key1": "value1"], ["key2": "value2"]],
    ]

    private static let time: JSONValue = "2026-11-23T14:13:00.123Z"
}

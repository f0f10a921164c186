import DockerEngine
import FoundationEssentials
import Glibc
import JSON
import Logging
import TestSupport
import Testing

@testable import Berth
@testable import SQL

/// A full disk refuses only what adds data; it can be cleared, and nothing has to be restarted.
@Suite(.serialized) struct FullDiskTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `With a full disk, new apps and runs are refused, reads are answered, and removals work`()
        async throws
    {
        let lab = lab
        let (app, other, third) = (freshName("app"), freshName("app"), freshName("app"))
        try await SmallDisk.with { disk in
            let kept = try await withServer(disk) { server in
                let http = server.client
                for app in [app, other, third] { try await http.define(app) }
                let (ends, stays) = (try await http.run(app), try await http.run(third))
                #expect(disk.size(of: "berth.db.reserve") == SQLiteReserve.size)
                try disk.fill()
                try await expectFull(http)
                #expect(try await http.get("/apps").status == 200)
                #expect(try await http.get("/v1/runs").status == 200)
                #expect(try await http.get("/readyz").status == 200)
                #expect(try await http.containers() == [ends: "R", stays: "R"])

                try await runDocker(lab, "kill", ends)
                try await eventually(within: .promised(.seconds(1)), "it is shown") {
                    try await http.containers()[ends] == "F"
                }

                #expect(try await http.delete("/apps/\(app)").status == 204)
                #expect(try await http.get("/apps/\(app)").status == 404)
                #expect(try await lab.containers(ofApp: app).isEmpty)
                try disk.fill()
                try await expectFull(http)
                #expect(try await http.delete("/v1/apps/\(other)").status == 204)
                try disk.fill()
                server.send(SIGKILL)
                return stays
            }
            try disk.fill()
            try await withServer(disk) { server in
                let http = server.client
                #expect(try await http.containers() == [kept: "R"])
                #expect(try await http.get("/apps").json.elements.map { $0["name"].string } == [third])
                try disk.fill()
                try await expectFull(http)
                try disk.clear()
                try await http.define(other)
                try await eventually("the reserve is back") {
                    _ = try await http.patch("/apps/\(other)", ["variables": ["A": .string(freshName())]])
                    return disk.size(of: "berth.db.reserve") == SQLiteReserve.size
                }
                #expect(try await http.delete("/apps/\(third)?force=true").status == 204)
            }
            let check = try await SQLiteStranger(path: disk.directory + "/berth.db").texts("PRAGMA integrity_check")
            #expect(check == ["ok"])
        }
        for app in [app, other, third] { try await lab.removeContainers(ofApp: app) }
    }

    @Test func `A run that ended while the disk was full is recorded once there is space`() async throws {
        let lab = lab
        let app = freshName("app")
        try await SmallDisk.with { disk in
            try await withServer(disk) { server in
                let http = server.client
                try await http.define(app)
                let name = try await http.run(app)
                try disk.fill()
                try await expectFull(http)
                try await runDocker(lab, "kill", name)
                try await eventually(within: .promised(.seconds(1)), "it is shown") {
                    try await http.containers()[name] == "F"
                }
                let stranger = try SQLiteStranger(path: disk.directory + "/berth.db")
                #expect(try await stranger.texts("SELECT state FROM runs") == ["running"])
                // Longer than the server's pause between attempts.
                try await Task.sleep(for: .milliseconds(1500))
                try disk.clear()
                try await eventually("it is recorded") {
                    try await stranger.texts("SELECT state FROM runs") == ["exited"]
                }
            }
        }
        try await lab.removeContainers(ofApp: app)
    }

    @Test func `A server without a reserve file starts on a full disk after a crash, and warns`() async throws {
        let app = freshName("app")
        let hosts = ["lab=\(lab.unixEndpoint)"]
        try await withDirectory { state in
            try await SmallDisk.with { disk in
                let url = "sqlite:\(disk.directory)/berth.db"
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, database: url) { server in
                    try await server.client.define(app)
                    server.send(SIGKILL)
                }
                try FileManager.default.removeItem(atPath: disk.directory + "/berth.db.reserve")
                try disk.fill()
                try await BerthProcess.with(hosts: hosts, stateDirectory: state, database: url) { server in
                    #expect(server.log.contains("less than 4 MiB of free space"))
                    let found = try await server.client.get("/apps/\(app)").status
                    #expect(found == 200)
                }
            }
        }
    }

    @Test func `The store does not change on any refusal, and removals find space a hundred times`() async throws {
        try await SmallDisk.with { disk in
            let path = disk.directory + "/berth.db"
            let store = try await Store.open(.sqlite(path: path), logger: Logger(label: "test"))
            var names: [AppName] = []
            for index in 0..<100 { names.append(try await store.create("app-\(index)")) }
            try disk.fill()
            for name in names {
                await #expect(throws: SQLError.full) { _ = try await store.create("more") }
                #expect(try await store.app(AppName("more")) == nil)
                _ = try await store.deleteApp(name, withRuns: [], ifRelease: nil)
                #expect(try await store.app(name) == nil)
                try disk.fill()
            }
            #expect(disk.size(of: "berth.db.reserve") > SQLiteReserve.size / 2)
            try disk.clear()
            _ = try await store.create("more")
            #expect(try await store.apps().map(\.name.description) == ["more"])
            let check = try await store.database.read { try $0.texts("PRAGMA integrity_check")[0] }
            #expect(check == "ok")
        }
    }

    @Test func `A database that was closed cleanly opens on a full disk, and can be cleared`() async throws {
        try await SmallDisk.with { disk in
            let path = disk.directory + "/berth.db"
            func open() async throws -> Store {
                try await Store.open(.sqlite(path: path), logger: Logger(label: "test"))
            }
            let name = try await open().create("app")
            #expect(disk.size(of: "berth.db-wal") == 0)
            try disk.fill()
            let store = try await open()
            #expect(try await store.apps().map(\.name) == [name])
            try disk.fill()
            _ = try await store.deleteApp(name, withRuns: [], ifRelease: nil)
            #expect(try await store.apps().isEmpty)
        }
    }

    private func withServer<Result: Sendable>(
        _ disk: SmallDisk,
        _ body: @escaping @Sendable (BerthProcess) async throws -> Result
    ) async throws -> Result {
        try await BerthProcess.with(hosts: ["lab=\(lab.unixEndpoint)"], stateDirectory: disk.directory, body)
    }
}

private func expectFull(_ http: HTTP) async throws {
    let name = JSONValue.string(freshName("app"))
    let refused = try await timed { try await http.post("/apps/", ["name": name, "image": "busybox"]) }
    #expect(refused.value.status == 507, "\(refused.value.text)")
    #expect(refused.value["code"] == "store_full")
    #expect(refused.duration < .promised(.seconds(2)))
    let keyed = try await http.post("/apps/", ["name": name, "image": "busybox"], key: freshName("key"))
    #expect(keyed.status == 507)
}

extension Store {
    fileprivate func create(_ name: String) async throws -> AppName {
        let settings = AppSettings(
            image: try ImageReference("busybox"),
            variables: try Variables((0..<40).map { try Variable(name: "VARIABLE_\($0)", value: name) })
        )
        return try await createApp(AppName(name), settings, by: Caller(.local), at: .now()).name
    }
}

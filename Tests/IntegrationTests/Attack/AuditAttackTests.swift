import BerthAPI
import JSON
import Testing

/// The audit log of changes and of refused attempts.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: EndpointFacts.all.contains { $0.path == "/v1/audit" }, "this server has no audit log")
)
struct AuditAttackTests {
    let lab: Lab

    init() throws { lab = try Lab() }

    @Test func `Each change, and each attempt that was refused, has one row in the audit log without a secret`()
        async throws
    {
        try await AttackedServer.with(lab) { server in
            let (stage, canary) = (server.stage, server.secrets.canary)
            let own = "/v1/apps/\(stage.ownApp)"
            let calls: [(AttackSender, String, String, String?)] = [
                (.deployer, "PATCH", own, #"{"variables":{"A":"\#(canary)"}}"#),
                (.deployer, "POST", own + "/rollback", #"{"release":1}"#),
                (.deployer, "POST", own + "/runs", nil),
                (.deployer, "POST", "/v1/runs/\(stage.ownRun)/exec", #"{"command":["true"]}"#),
                (.admin, "POST", "/v1/hosts/lab/undrain", nil),
                (.viewer, "PATCH", own, #"{"labels":{"a":"b"}}"#),
                (.viewer, "POST", "/v1/runs/\(stage.ownRun)/exec", #"{"command":["true"]}"#),
                (.deployer, "POST", "/v1/tokens", #"{"name":"mine","role":"admin"}"#),
                (.deployer, "DELETE", "/v1/apps/\(stage.otherApp)", nil),
                (.nobody, "DELETE", own, nil),
                (.revoked, "DELETE", own, nil),
            ]
            for (index, (sender, method, path, body)) in calls.enumerated() {
                let id = "attack-\(index)"
                let answer = try await server.send(method, path, as: sender, ["X-Request-Id: \(id)"], body: body)
                let rows = try await rows(server).filter { $0["request_id"].string == id }
                #expect(rows.count == 1, "\(method) \(path) as \(sender) has \(rows.count) rows")
                let result = rows.first?["result"].string ?? ""
                let isRight = answer.status < 300 ? result == "ok" : ["denied", "failed"].contains(result)
                #expect(isRight, "\(method) \(path) as \(sender): \(answer.status), \(rows)")
            }
            let all = try await rows(server).map(\.text).joined()
            #expect(server.secrets.found(in: all) == [])
            // Only administrators may read rows, and no token may delete them.
            for sender in [AttackSender.viewer, .deployer] {
                #expect(try await server.http(sender).get("/v1/audit").status == 403)
            }
            #expect(try await server.admin.delete("/v1/audit").status == 405)
        }
    }

    private func rows(_ server: AttackedServer) async throws -> [JSONValue] {
        try await server.admin.get("/v1/audit?limit=1000")["items"].elements
    }
}

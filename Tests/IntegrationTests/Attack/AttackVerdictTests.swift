import BerthAPI
import JSON
import TestSupport
import Testing

/// The judgement of an attack finds what it looks for, so an attack without violations was harmless.
@Suite struct AttackVerdictTests {
    private let secrets = AttackSecrets(canary: "canary-1", tokens: ["berth_secret"])
    private let endpoint = Endpoint.version.facts

    private func request(
        _ sender: AttackSender = .deployer,
        to endpoint: EndpointFacts? = nil,
        method: String = "GET"
    ) -> AttackRequest {
        let draft = AttackDraft(method: method, path: "/v1/version", headers: ["Host: a"])
        return AttackRequest(draft, from: sender, to: endpoint ?? self.endpoint)
    }

    private func answer(_ status: Int, _ body: String, _ mediaType: String = "application/json") throws -> RawAnswer {
        let text =
            "HTTP/1.1 \(status) X\r\ncontent-type: \(mediaType)\r\nx-request-id: 1\r\n"
            + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        return try #require(try RawAnswer.answers(in: Array(text.utf8), areBodiless: []).first)
    }

    private func problem(_ code: String, status: Int, detail: String = "No.") throws -> RawAnswer {
        var problem = ProblemJSON()
        (problem.code, problem.status, problem.detail, problem.requestID) = (code, status, detail, "1")
        return try answer(status, problem.json.text, ProblemJSON.mediaType)
    }

    private func violations(_ change: (inout AttackVerdict) throws -> Void) rethrows -> [String] {
        var verdict = AttackVerdict(secrets: secrets)
        try change(&verdict)
        return verdict.violations
    }

    private func expect(_ words: String, _ change: (inout AttackVerdict) throws -> Void) rethrows {
        let found = try violations(change)
        #expect(found.contains { $0.contains(words) }, "\(found)")
    }

    @Test func `Right answers are no violations`() throws {
        let good = try answer(200, #"{"version":"0.1.0","api":"v1"}"#)
        let found = try violations { verdict in
            verdict.judge(good, to: request(), at: "here")
            verdict.judge(try problem("run_not_found", status: 404), to: request(to: Endpoint.run.facts), at: "here")
            verdict.judge(try problem("unauthenticated", status: 401), to: request(.nobody), at: "here")
            verdict.judge(
                try problem("host_unreachable", status: 503),
                to: request(to: Endpoint.startRuns.facts, method: "POST"),
                at: "here"
            )
        }
        #expect(found == [])
    }

    @Test func `Each kind of wrong answer is reported`() throws {
        try expect("is an internal error") { verdict in
            verdict.judge(try problem("internal_error", status: 500), to: request(), at: "here")
        }
        try expect("of which getVersion does not know") { verdict in
            verdict.judge(try problem("host_unreachable", status: 503), to: request(), at: "here")
        }
        try expect("has the code app_exists") { verdict in
            verdict.judge(try problem("app_exists", status: 400), to: request(), at: "here")
        }
        try expect("is no problem document") { verdict in
            verdict.judge(try answer(404, "Not found", "text/plain"), to: request(), at: "here")
        }
        try expect("is no version") { verdict in verdict.judge(try answer(200, "{}"), to: request(), at: "here") }
        try expect("is no status of") { verdict in verdict.judge(try answer(202, "{}"), to: request(), at: "here") }
        try expect("needs no token") { verdict in
            verdict.judge(try answer(200, #"{"version":"0","api":"v1"}"#), to: request(.revoked), at: "here")
        }
    }

    @Test func `A secret in an answer is reported, unless its sender may see it`() throws {
        let leak = try answer(200, #"{"version":"canary-1","api":"v1"}"#)
        for sender in AttackSender.allCases where !sender.isStranger {
            let found = violations { $0.judge(leak, to: request(sender), at: "here") }
            #expect(found.isEmpty == (sender == .admin), "\(sender)")
        }
        try expect("shows a token") { verdict in
            verdict.judge(
                try problem("forbidden", status: 403, detail: "berth_secret"),
                to: request(.admin),
                at: "here"
            )
        }
        expect("the log has the canary") { $0.judge(log: #"{"message":"canary-1"}"#) }
        expect("the log has a token") { $0.judge(log: #"{"message":"berth_secret"}"#) }
    }

    @Test func `A header that a request made up is reported`() throws {
        var injected = try answer(200, #"{"version":"0","api":"v1"}"#)
        injected.headers.append(.init(name: "x-injected", value: "1"))
        expect("has a header that the request made up") { $0.judge(injected, to: request(), at: "here") }
        injected.headers.append(.init(name: "location", value: "//evil.example"))
        expect("leads to //evil.example") { $0.judge(injected, to: request(), at: "here") }
    }

    @Test func `A server that was restarted, is gone or does not answer is reported`() {
        expect("the process 1 is now 2") { $0.judge(process: 1, current: 2, isHealthy: true) }
        expect("the process 1 is gone") { $0.judge(process: 1, current: nil, isHealthy: true) }
        expect("does not answer") { $0.judge(process: 1, current: 1, isHealthy: false) }
        expect("the memory grew") { $0.judge(memoryBefore: 50 << 20, most: 900 << 20) }
        #expect(violations { $0.judge(process: 1, current: 1, isHealthy: true) } == [])
        #expect(violations { $0.judge(memoryBefore: 50 << 20, most: 100 << 20) } == [])
    }

    @Test func `A program that is not Berth's ssh is reported`() {
        let ssh = """
            12 execve("/usr/bin/setpriv", ["/usr/bin/setpriv", "--pdeathsig", "TERM", "--", "ssh", "-V"], 0x7f /* 3 vars */) = 0
            12 execve("/usr/bin/ssh", ["ssh", "-V"], 0x7f /* 3 vars */) = 0
            """
        #expect(ProcessTrace.commands(in: ssh).count == 2)
        #expect(violations { $0.judge(ProcessTrace.commands(in: ssh), words: ["/pwned"]) } == [])
        for line in [
            #"12 execve("/bin/sh", ["sh", "-c", "ssh"], 0x7f /* 3 vars */) = 0"#,
            #"12 execve("/usr/bin/touch", ["touch", "/tmp/x"], 0x7f /* 3 vars */ <unfinished ...>"#,
            #"12 execve("/usr/bin/setpriv", ["setpriv", "--", "ssh"], 0x7f /* 3 vars */) = 0"#,
            #"12 execve("/usr/bin/setpriv", ["setpriv", "--pdeathsig", "TERM", "--", "sh"], 0x7f /* 3 vars */) = -1"#,
        ] {
            expect("a program was started") { $0.judge(ProcessTrace.commands(in: line), words: []) }
        }
        let injected = #"12 execve("/usr/bin/ssh", ["ssh", "-o", "ProxyCommand=touch \"/pwned\""], 0x7f) = 0"#
        expect("/pwned is an argument") { $0.judge(ProcessTrace.commands(in: injected), words: ["/pwned"]) }
        let leak = #"12 execve("/usr/bin/ssh", ["ssh", "berth_secret"], 0x7f) = 0"#
        expect("a token (berth_secret…) is an argument") { $0.judge(ProcessTrace.commands(in: leak), words: []) }
        expect("an injected command has made /pwned") { $0.judge(canaryFile: "/pwned", exists: true) }
        #expect(violations { $0.judge(canaryFile: "/pwned", exists: false) } == [])
    }

    @Test func `A line that was put into the log is reported`() {
        #expect(violations { $0.judge(log: "{\"message\":\"a\"}\n{\"message\":\"b\"}\n") } == [])
        expect("is no object") { $0.judge(log: "{\"message\":\"a\"}\ninjected\n") }
        expect("has a control character") { $0.judge(log: "{\"message\":\"a\u{7F}\"}") }
        expect("has a control character") { $0.judge(log: "{\"message\":\"a\u{202E}\"}") }
    }

    @Test func `Containers that the API does not show, or that have rights over their host, are reported`() throws {
        let text = #"""
            {"Id":"a","Name":"/web","Mounts":[{"Type":"volume"}],"HostConfig":{"Privileged":false,"Binds":null,
            "CapAdd":null,"SecurityOpt":null,"NetworkMode":"default","PidMode":"","IpcMode":"private","Runtime":"runc"}}
            """#
        let container = try JSONReader.parse(Array(text.utf8))
        let run: JSONValue = ["name": "web", "state": "running", "container_id": "a"]
        #expect(violations { $0.judge(runs: [run], containers: [container]) } == [])
        expect("no run has the container /web") { $0.judge(runs: [], containers: [container]) }
        expect("its container is not there") { $0.judge(runs: [run], containers: []) }
        let changes: [(String, JSONValue)] = [
            ("Privileged", true), ("Binds", ["/:/host"]), ("CapAdd", ["ALL"]), ("SecurityOpt", ["seccomp=unconfined"]),
            ("NetworkMode", "host"), ("PidMode", "host"), ("IpcMode", "host"), ("Runtime", "other"),
            ("Devices", [["PathOnHost": "/dev/mem"]]), ("Mounts", [["Type": "bind"]]), ("CgroupParent", "/"),
            ("Sysctls", ["a": "b"]), ("UsernsMode", "host"), ("VolumesFrom", ["other"]), ("OomScoreAdj", -5),
        ]
        for (field, value) in changes {
            let wrong = container.with("HostConfig", container["HostConfig"].with(field, value))
            expect("/web has \(field)") { $0.judge(runs: [run], containers: [wrong]) }
        }
        let bound = container.with("Mounts", [["Type": "bind"]])
        expect("/web has a mount of its host") { $0.judge(runs: [run], containers: [bound]) }
    }

    @Test func `An attack that reaches too little is reported`() throws {
        let good = try answer(200, #"{"version":"0","api":"v1"}"#)
        let denied = try problem("unauthenticated", status: 401)
        #expect(
            violations { verdict in
                verdict.judge(good, to: request(), at: "here")
                verdict.judge(denied, to: request(.nobody), at: "here")
                verdict.judgeCoverage(of: [endpoint])
            } == []
        )
        expect("getVersion was never reached") { verdict in
            verdict.judge(denied, to: request(), at: "here")
            verdict.judgeCoverage(of: [endpoint])
        }
        expect("only 0 of 1 answers were 2xx") { verdict in
            verdict.judge(denied, to: request(), at: "here")
            verdict.judgeCoverage(of: [])
        }
    }
}

/// The parts of an attack.
@Suite struct AttackPlanTests {
    private let stage = AttackStage(
        port: 1,
        ownApp: "own-a",
        ownRun: "own-a-aaaaaa",
        spareApp: "own-spare",
        otherApp: "other-a",
        otherRun: "other-a-aaaaaa",
        canaryFile: "/tmp/pwned",
        tokens: [.admin: "berth_admin", .deployer: "berth_deployer"],
        bodies: [Endpoint.createApp.facts.id: ["name": "own-a", "image": "busybox"]]
    )

    @Test func `A seed gives the same requests again, and another seed gives others`() {
        func requests(_ seed: UInt64) -> [[UInt8]] {
            (0..<200).flatMap { AttackPlan(seed: seed, stage: stage).requests(ofConnection: $0).map(\.bytes) }
        }
        #expect(requests(1) == requests(1))
        #expect(requests(1) != requests(2))
        #expect(Set(requests(1)).count > 200)
    }

    @Test func `Requests reach each endpoint with each kind of sender and each mutation`() {
        let plan = AttackPlan(seed: 1, stage: stage)
        let requests = (0..<1500).flatMap { plan.requests(ofConnection: $0) }
        #expect(Set(requests.compactMap { $0.endpoint?.id }) == Set(EndpointFacts.all.map(\.id)))
        #expect(Set(requests.map(\.sender)) == Set(AttackSender.allCases))
        for words in [
            "/pwned", "privileged", "Transfer-Encoding: chunked", "Content-Length: -1", "Host: evil.example",
            "Origin: null", "%2F..%2F", "limit=1&limit=2", "[[[[[[[[", "HTTP/1.0", "Basic ", "TRACE",
        ] {
            let isThere = requests.contains {
                String(decoding: $0.bytes, as: UTF8.self).lowercased().contains(words.lowercased())
            }
            #expect(isThere, "\(words)")
        }
        #expect(requests.contains { $0.bytes.count > 2 << 20 })
        // The administrator's rights would be no excuse for a changed app of the other team.
        let isHarmless = requests.allSatisfy { request in
            request.sender != .admin || !String(decoding: request.bytes, as: UTF8.self).contains("other-a")
        }
        #expect(isHarmless)
    }

    @Test func `Answers are read with lengths, in chunks, without bodies and in part`() throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n"
            + "content-length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            + "\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"
        let answers = try RawAnswer.answers(in: Array(text.utf8), areBodiless: [false, true])
        #expect(answers.map(\.text) == ["ab", "", "", "abc", "abc"])
        #expect(answers.map(\.isComplete) == [true, true, true, true, false])
        for wrong in ["hello\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"] {
            #expect(throws: RawAnswer.Malformed.self) {
                try RawAnswer.answers(in: Array(wrong.utf8), areBodiless: [])
            }
        }
    }
}

import DockerEngine
import JSON
import Testing

/// Requests of a user on the lab's host, which an unreachable other host must not slow down.
///
/// A busy machine is slow as well. So each kind of call is compared with one, made at the same time, that no host can
/// slow.
struct Watch: Sendable {
    let http: HTTP
    /// An app that runs on the host `lab`.
    let app: String
    let lab: Lab

    /// Calls `body` during reads and runs, which must stay quick all the time.
    func whileUsed(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let isOver = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.read(until: isOver) }
            group.addTask { try await self.run(until: isOver) }
            defer { isOver.add() }
            try await body()
            isOver.add()
            try await group.waitForAll()
        }
    }

    private func read(until isOver: Counter) async throws {
        var (reads, others): ([Duration], [Duration]) = ([], [])
        while isOver.count == 0 {
            others.append(try await timed { try await http.get("/healthz") }.duration)
            for path in ["/v1/runs", "/apps/containers", "/v1/hosts"] {
                let answer = try await timed { try await http.get(path) }
                #expect(answer.value.status == 200)
                reads.append(answer.duration)
            }
            for run in try await http.allRuns(on: "lab") where run["stale"] != false {
                Issue.record("\(run["name"].string) is stale")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(reads.median < .milliseconds(100) + others.median * 3, "\(others.median) → \(reads.median)")
        #expect(reads.most < .milliseconds(500) + others.most * 3, "\(others.most) → \(reads.most)")
    }

    private func run(until isOver: Counter) async throws {
        var (runs, others): ([Duration], [Duration]) = ([], [])
        while isOver.count == 0 {
            others.append(try await runDirectly())
            let answer = try await timed { try await http.post("/apps/run/\(app)") }
            #expect(answer.value.status == 201, "\(answer.value.text)")
            runs.append(answer.duration)
            #expect(try await http.delete("/v1/runs/\(answer.value["name"].string)?force=true").status == 200)
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(!runs.isEmpty)
        #expect(runs.median < .seconds(2) + others.median * 4, "\(others.median) → \(runs.median)")
    }

    /// The time in which the lab's engine itself starts a container.
    private func runDirectly() async throws -> Duration {
        try await withEngine(at: lab.engineSocket) { engine in
            let spec = ContainerSpec(image: "busybox", command: ["sleep", "999"], environment: [], labels: [:])
            let container = try await timed {
                let container = try await engine.createContainer(named: freshName("direct"), from: spec)
                try await engine.startContainer(container)
                return container
            }
            try await engine.removeContainer(container.value, force: true)
            return container.duration
        }
    }
}

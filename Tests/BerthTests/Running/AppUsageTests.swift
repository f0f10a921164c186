import DockerEngine
import Testing

@testable import Berth

@Suite struct AppUsageTests {
    private let usage = AppUsage(since: Timestamp(milliseconds: 0))

    private func run(_ id: String, of app: String, createdAt: Int64 = 0) throws -> Run {
        Run(
            id: RunID(recorded: id),
            name: RunName(recorded: "\(app)-\(id)"),
            app: try AppName(app),
            release: 1,
            host: try HostName("local"),
            image: "busybox",
            state: .running,
            createdAt: Timestamp(milliseconds: createdAt)
        )
    }

    private func add(_ seconds: UInt64, memory: UInt64 = 0, received: UInt64 = 0, sent: UInt64 = 0, of run: Run) {
        usage.add(
            ContainerUsage(cpuNanoseconds: seconds * 1_000_000_000, memory: memory, received: received, sent: sent),
            of: run
        )
    }

    private func totals(of app: String) throws -> AppUsage.Totals? { try usage.totals[AppName(app)] }

    @Test func `Counters grow by the usage since the last sample`() throws {
        let (first, second) = (try run("a", of: "web"), try run("b", of: "web"))
        add(10, memory: 5, received: 100, sent: 7, of: first)
        add(1, memory: 6, received: 1, of: second)
        add(12, memory: 4, received: 150, sent: 7, of: first)
        #expect(try totals(of: "web") == AppUsage.Totals(cpuSeconds: 13, received: 151, sent: 7, memory: 10))
        #expect(usage.samples == (3, 0))
    }

    @Test func `A restarted container counts from zero, and the app's counter keeps growing`() throws {
        let run = try run("a", of: "web")
        add(10, received: 100, of: run)
        add(2, received: 3, of: run)
        #expect(try totals(of: "web") == AppUsage.Totals(cpuSeconds: 12, received: 103, sent: 0, memory: 0))
    }

    @Test func `Usage from before this server's first sample is not counted again`() throws {
        let run = try run("a", of: "web", createdAt: -1)
        add(1000, memory: 5, received: 9, of: run)
        #expect(try totals(of: "web") == AppUsage.Totals(cpuSeconds: 0, received: 0, sent: 0, memory: 5))
        add(1002, memory: 5, received: 10, of: run)
        #expect(try totals(of: "web") == AppUsage.Totals(cpuSeconds: 2, received: 1, sent: 0, memory: 5))
    }

    @Test func `A stopped run keeps its counters and uses no memory`() throws {
        let (first, second) = (try run("a", of: "web"), try run("b", of: "db"))
        add(10, memory: 5, of: first)
        add(1, memory: 6, of: second)
        try usage.keep([second.id], of: [AppName("web"), AppName("db")])
        #expect(try totals(of: "web") == AppUsage.Totals(cpuSeconds: 10, received: 0, sent: 0, memory: 0))
        #expect(try totals(of: "db")?.memory == 6)
        try usage.keep([], of: [AppName("db")])
        #expect(try totals(of: "web") == nil)
    }
}

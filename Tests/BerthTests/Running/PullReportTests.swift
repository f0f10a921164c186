import DockerEngine
import Synchronization
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct PullReportTests {
    private let report = PullReport()

    private func record(_ layer: String?, _ bytes: Int64) {
        report.record(PullProgress(layer: layer, status: "\(bytes)"))
    }

    private func next(atMost limit: Int = 5) async throws -> [String]? {
        try await report.next(atMost: limit)?.map { "\($0.layer ?? "") \($0.status ?? "")" }
    }

    @Test func `A reader gets the latest line of each layer, those that waited longest first`() async throws {
        record("a", 1)
        record("b", 1)
        record(nil, 1)
        record("a", 2)
        #expect(try await next(atMost: 2) == ["a 2", "b 1"])
        record("a", 3)
        #expect(try await next() == [" 1", "a 3"])
    }

    @Test func `What is unread at the end is read at once`() async throws {
        for layer in 0..<20 { record("\(layer)", 1) }
        report.end()
        #expect(try await next(atMost: 5)?.count == 20)
        #expect(try await next() == nil)
        #expect(try await next() == nil)
    }

    @Test func `A reader waits for a line, and ends when it is cancelled`() async throws {
        async let waiting = next()
        try await Task.sleep(for: .milliseconds(20))
        record("a", 1)
        #expect(try await waiting == ["a 1"])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: CancellationError.self) { try await next() } }
            group.cancelAll()
        }
    }

    @Test func `The memory of a report is bounded, whatever an engine sends`() async throws {
        for layer in 0..<5000 { record("\(layer)", 1) }
        #expect(try await report.next(atMost: .max)?.count == 1000)
    }

    @Test func `A pull that nobody follows any more is cancelled`() async throws {
        let isCancelled = Mutex(false)
        var pull: FollowedPull? = FollowedPull { report in
            report.record(PullProgress(layer: nil, status: "Pulling"))
            do {
                try await Task.sleep(for: .seconds(1000))
            } catch {
                isCancelled.withLock { $0 = true }
            }
            throw CancellationError()
        }
        try await pull?.waitForProgress()
        #expect(!isCancelled.withLock { $0 })
        pull = nil
        try await eventually("it is cancelled") { isCancelled.withLock { $0 } }
    }

    @Test func `A pull that fails before its first line throws before it is read`() async throws {
        let pull = FollowedPull { _ in throw EngineError.busy }
        await #expect(throws: EngineError.busy) { try await pull.waitForProgress() }
    }

    @Test func `A pull that fails after its first line throws while it is read`() async throws {
        let pull = FollowedPull { report in
            report.record(PullProgress(layer: "a", status: "Pulling"))
            throw EngineError.busy
        }
        try await pull.waitForProgress()
        let lines = Mutex(0)
        await #expect(throws: EngineError.busy) {
            try await pull.read { read in lines.withLock { $0 += read.count } }
        }
        #expect(lines.withLock { $0 } == 1)
    }
}

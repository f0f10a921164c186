import FakeEngine
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Berth

/// The output of an app's runs, on a simulated engine.
@Suite(.timeLimit(.minutes(5))) struct AppLogTests {
    private let app: AppName

    init() throws { app = try AppName("web") }

    /// What a reader has received.
    private final class Received: Sendable {
        private let items = Mutex<[AppLogItem]>([])

        func add(_ more: [AppLogItem]) { items.withLock { $0 += more } }

        var all: [AppLogItem] { items.withLock { $0 } }
        /// The messages, and the names of notices.
        var words: [String] { all.map(\.word) }
    }

    private func read(_ fake: FakePlatform, _ query: LogQuery = LogQuery(), after place: AppLogPosition? = nil)
        async throws -> [AppLogItem]
    {
        let received = Received()
        try await fake.platform.logs.open(app, query, after: place).read { received.add($0) }
        return received.all
    }

    /// Runs `body` while the app is followed.
    private func following(
        _ fake: FakePlatform,
        _ query: LogQuery = LogQuery(),
        after place: AppLogPosition? = nil,
        _ body: (Received) async throws -> Void
    ) async throws {
        var query = query
        query.follow = true
        let received = Received()
        let log = try await fake.platform.logs.open(app, query, after: place)
        try await withTask {
            try await log.read { received.add($0) }
        } during: {
            try await body(received)
        }
    }

    /// Waits until the engine has one stream for each of so many containers.
    private func followed(_ count: Int, _ fake: FakePlatform) async throws {
        try await eventually("\(count) containers are followed") { try await fake.engine.followedLogs == count }
    }

    /// A run on the host that cannot be reached.
    private func recordFarRun(_ fake: FakePlatform, _ state: RunState) async throws -> Run {
        let app = try await fake.platform.apps.get(app)
        let intents = try await fake.platform.store.recordIntents(
            of: app,
            items: [0],
            on: HostName("far"),
            wasQueued: false,
            by: .tester,
            at: .now()
        )
        var run = try #require(intents?.first?.run)
        run.state = state
        run.containerID = try .example()
        run.startedAt = .now()
        fake.runs.add(run, observedAt: .now())
        return run
    }

    @Test func `The output of all runs is merged by time, each record with its run`() async throws {
        try await FakePlatform.with { fake in
            let names = try await fake.start(count: 3).map(\.name)
            for (index, time) in [(0, 10), (1, 20), (2, 30), (0, 25), (1, 15), (2, 5)] {
                try await fake.engine.write("\(time)", at: Int64(time), as: "\(names[index])")
            }
            let items = try await read(fake)
            // A line stays behind the line before it, also if its time is earlier.
            #expect(items.map(\.word) == ["10", "20", "15", "25", "30", "5"])
            #expect(items.map(\.run) == [names[0], names[1], names[1], names[0], names[2], names[2]])
        }
    }

    @Test func `The last lines are those of all runs together`() async throws {
        try await FakePlatform.with { fake in
            let names = try await fake.start(count: 2).map { "\($0.name)" }
            for time in 1...6 { try await fake.engine.write("\(time)", at: Int64(time), as: names[time <= 4 ? 0 : 1]) }
            #expect(try await read(fake, LogQuery(tail: 3)).map(\.word) == ["4", "5", "6"])
            #expect(try await read(fake, LogQuery(tail: 0)).isEmpty)
            var query = LogQuery(tail: 1)
            query.until = LogTime(nanoseconds: 3)
            #expect(try await read(fake, query).map(\.word) == ["3"])
        }
    }

    @Test func `Finished runs are read from their container, and from what is kept once it is gone`() async throws {
        try await FakePlatform.with { fake in
            let run = try #require(try await fake.start().first)
            try await fake.engine.write("one", as: "\(run.name)")
            try await fake.engine.end("\(run.name)", exitCode: 0)
            try await eventually("it has finished") { fake.state(of: run) == .exited }
            #expect(try await read(fake).map(\.word) == ["one"])
            try await fake.platform.logs.keep(run, of: run.containerID, within: .seconds(5))
            try await fake.engine.remove("\(run.name)")
            try await eventually("it is removed") { fake.state(of: run) == .removed }
            #expect(try await read(fake).map(\.word) == ["one"])
        }
    }

    @Test func `A long output is cut to its end, with a notice that names the run`() async throws {
        try await FakePlatform.with { fake in
            let runs = try await fake.start(count: 2)
            let line = String(repeating: "x", count: 1023)
            for time in 1...100 { try await fake.engine.write(line, at: Int64(time), as: "\(runs[0].name)") }
            try await fake.engine.write("early", at: 1, as: "\(runs[1].name)")
            let items = try await read(fake)
            #expect(items.count == 66)
            #expect(items.prefix(2).map(\.word) == ["early", "gap"])
            #expect(items.prefix(2).map(\.run) == [runs[1].name, runs[0].name])
            #expect(try await read(fake, LogQuery(tail: 10)).map(\.word) == Array(repeating: line, count: 10))
        }
    }

    @Test func `The output on a host that cannot be reached is missing, and that of others is there`() async throws {
        try await FakePlatform.with(beside: "far") { fake in
            let near = try #require(try await fake.start().first)
            try await fake.engine.write("near", as: "\(near.name)")
            let far = try await recordFarRun(fake, .running)
            let items = try await read(fake)
            #expect(items.map(\.word) == ["unavailable", "near"])
            #expect(items.map(\.run) == [far.name, near.name])
            try await following(fake) { received in
                try await eventually("both are there") { received.words.sorted() == ["near", "unavailable"] }
                try await fake.engine.write("more", as: "\(near.name)")
                try await eventually("new output comes") { received.words.last == "more" }
                #expect(received.words.count == 3)
            }
        }
    }

    @Test func `If no output can be read, that is the error`() async throws {
        try await FakePlatform.with(beside: "far") { fake in
            _ = try await fake.platform.apps.create(app, .example(), by: .tester)
            #expect(try await read(fake).isEmpty)
            _ = try await recordFarRun(fake, .running)
            let error = await #expect(throws: BerthError.self) { try await read(fake) }
            guard case .hostNotConnected = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let other = try AppName("other")
            await #expect(throws: BerthError.appNotFound(other)) {
                try await fake.platform.logs.open(other, LogQuery())
            }
        }
    }

    @Test func `A follower gets the history, new output, and that of runs that start later or again`() async throws {
        try await FakePlatform.with { fake in
            let run = try #require(try await fake.start().first)
            for number in 1...3 { try await fake.engine.write("\(number)", as: "\(run.name)") }
            try await following(fake, LogQuery(tail: 2)) { received in
                try await followed(1, fake)
                try await fake.engine.write("4", as: "\(run.name)")
                try await eventually("it is there") { received.words == ["2", "3", "4"] }
                let later = try #require(try await fake.runner.start(RunRequest(app: app), by: .tester).first?.run)
                try await fake.engine.write("5", as: "\(later.name)")
                try await eventually("it is followed as well") { received.words == ["2", "3", "4", "5"] }
                #expect(received.all.last?.run == later.name)
                try await fake.engine.end("\(run.name)", exitCode: 0)
                try await followed(1, fake)
                try await eventually("its end is known") {
                    fake.platform.runs.entry(named: run.name)?.run.state == .exited
                }
                _ = try await fake.runner.perform(.start, on: run.name)
                try await fake.engine.write("6", as: "\(run.name)")
                try await eventually("it is followed again, without repeats") {
                    received.words == ["2", "3", "4", "5", "restarted", "6"]
                }
            }
        }
    }

    @Test func `What a run without output writes before its follower comes is new`() async throws {
        try await FakePlatform.with { fake in
            let run = try #require(try await fake.start().first)
            var query = LogQuery(tail: 0)
            query.follow = true
            let log = try await fake.platform.logs.open(app, query)
            try await fake.engine.write("new", as: "\(run.name)")
            let received = Received()
            try await withTask {
                try await log.read { received.add($0) }
            } during: {
                try await eventually("it is there") { received.words == ["new"] }
            }
        }
    }

    @Test func `A follower ends when the app is deleted`() async throws {
        try await FakePlatform.with { fake in
            let run = try #require(try await fake.start().first)
            var query = LogQuery()
            query.follow = true
            let log = try await fake.platform.logs.open(app, query)
            let received = Received()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await log.read { received.add($0) } }
                try await followed(1, fake)
                try await fake.engine.write("last", as: "\(run.name)")
                try await eventually("it is there") { received.words == ["last"] }
                try await fake.platform.apps.delete(app, force: true)
                try await group.waitForAll()
            }
            #expect(received.words == ["last"])
        }
    }

    @Test func `A reader that resumes gets what it has not received`() async throws {
        try await FakePlatform.with { fake in
            let names = try await fake.start(count: 2).map { "\($0.name)" }
            for (run, time) in [(0, 1), (0, 2), (0, 2), (0, 2), (1, 3), (0, 4)] {
                try await fake.engine.write("\(run)-\(time)", at: Int64(time) * 60_000_000_000, as: names[run])
            }
            let all = try await read(fake)
            for index in all.indices {
                let place = try #require(all[index].place)
                #expect(AppLogPosition("\(place)") == place)
                #expect(try await read(fake, after: place) == Array(all[(index + 1)...]))
            }
            try await following(fake, after: all[2].place) { received in
                try await eventually("the rest is there") { received.all == Array(all[3...]) }
                try await followed(2, fake)
                try await fake.engine.write("new", as: names[1])
                try await eventually("new output comes") { received.words.last == "new" }
            }
        }
    }

    @Test func `A slow reader gets a notice in place of what it missed, and the end`() async throws {
        try await FakePlatform.with { fake in
            let run = try #require(try await fake.start().first)
            let isSlow = Mutex(true)
            let (received, wakeup) = (Received(), Wakeup())
            var query = LogQuery()
            query.follow = true
            let log = try await fake.platform.logs.open(app, query)
            try await withTask {
                try await log.read { items in
                    received.add(items)
                    if isSlow.withLock({ $0 }) { await wakeup.wait() }
                }
            } during: {
                try await followed(1, fake)
                let line = String(repeating: "x", count: 32 << 10)
                for _ in 0..<2000 { try await fake.engine.write(line, as: "\(run.name)") }
                try await fake.engine.write("end", as: "\(run.name)")
                try await eventually("the end is there to read") {
                    fake.platform.logs.followers.seen(of: run.id)?.last?.isEnd == true
                }
                isSlow.withLock { $0 = false }
                wakeup.send()
                try await eventually("the end is there") { received.words.last == "end" }
                let notice = try #require(received.all.first { $0.item.isLagged })
                #expect(notice.run == run.name)
                #expect(received.all.count < 2000)
            }
        }
    }
}

extension LogItem {
    fileprivate var isEnd: Bool {
        if case .record(let record) = self { String(buffer: record.message) == "end" } else { false }
    }
}

extension AppLogItem {
    /// The message, or the name of the notice.
    fileprivate var word: String {
        if case .record(let record) = item { String(buffer: record.message) } else { "\(item)" }
    }
}

import TestSupport
import Testing

@testable import Berth

@Suite struct RunIndexTests {
    private var generator = SeededGenerator(seed: 7)

    private static func wanted(_ runs: [Run], _ filter: RunFilter, before position: RunPosition?) -> [Run] {
        runs.filter { run in filter.matches(run) && position.map { RunPosition(of: run) < $0 } ?? true }
            .sorted { RunPosition(of: $0) > RunPosition(of: $1) }
    }

    private mutating func randomRun(_ number: Int) throws -> Run {
        let state = RunState.allCases.randomElement(using: &generator) ?? .running
        return Run(
            id: RunID(recorded: "\(UInt64.random(in: .min ... .max, using: &generator))"),
            name: RunName(recorded: "app-\(number)"),
            app: try AppName("app\(Int.random(in: 0..<3, using: &generator))"),
            release: 1,
            host: try HostName("host\(Int.random(in: 0..<3, using: &generator))"),
            image: "nginx",
            state: state,
            createdAt: Timestamp(milliseconds: Int64.random(in: 0..<40, using: &generator))
        )
    }

    private let scopes: [AppScope]

    init() throws {
        scopes = [
            .everything, .everything, .nothing, AppScope([try AppPattern("app*")]),
            AppScope([try AppPattern("app1"), try AppPattern("*p2")]),
        ]
    }

    private mutating func randomFilter() throws -> RunFilter {
        var filter = RunFilter(in: scopes.randomElement(using: &generator) ?? .everything)
        if Bool.random(using: &generator) { filter.app = try AppName("app\(Int.random(in: 0..<4, using: &generator))") }
        if Bool.random(using: &generator) {
            filter.host = try HostName("host\(Int.random(in: 0..<4, using: &generator))")
        }
        if Bool.random(using: &generator) { filter.state = RunState.allCases.randomElement(using: &generator) }
        if Bool.random(using: &generator) { filter.status = Bool.random(using: &generator) ? .running : .finished }
        return filter
    }

    @Test mutating func `After any sequence of additions, removals and changes, each list equals a full scan`() throws {
        let live = RunCache([])
        var runs: [RunID: Run] = [:]
        for number in 0..<600 {
            let run = try randomRun(number)
            live.addLocked(run)
            runs[run.id] = run
            let other = try #require(
                runs.keys.sorted { $0.description < $1.description }.randomElement(using: &generator)
            )
            if number % 3 == 0 {
                live.remove([other])
                runs[other] = nil
            } else {
                runs[other]?.state = RunState.allCases.randomElement(using: &generator) ?? .lost
                let state = runs[other]?.state ?? .lost
                live.update(other) { run in
                    var run = run
                    run.state = state
                    return run
                }
            }
            let filter = try randomFilter()
            let position = Bool.random(using: &generator) ? runs.values.first.map { RunPosition(of: $0) } : nil
            let limit = Int.random(in: 1...20, using: &generator)
            let page = live.page(filter, before: position, limit: limit)
            let wanted = Self.wanted(Array(runs.values), filter, before: position)
            #expect(page.runs.map(\.text) == wanted.prefix(limit).map { "\($0.name) \($0.state)" })
            #expect(page.next == (wanted.count > limit ? RunPosition(of: wanted[limit - 1]) : nil))
        }
        let oldestFirst = runs.values.sorted { RunPosition(of: $0) < RunPosition(of: $1) }.map(\.id)
        #expect(live.all().map(\.id) == oldestFirst)
        for number in 0..<4 {
            let host = try HostName("host\(number)")
            let there = runs.values.filter { $0.host == host }
            let running = there.count { $0.state.status == .running }
            #expect(live.counts(on: host) == (running, there.count - running))
            #expect(Set(live.entries(on: host).map(\.run.id)) == Set(there.map(\.id)))
            let app = try AppName("app\(number)")
            #expect(live.runs(of: app).map(\.id) == oldestFirst.filter { runs[$0]?.app == app })
            let count = runs.values.count { $0.app == app && $0.state.status == .running }
            #expect(live.reserve(1, of: app, limit: count) == count + 1)
            #expect(live.reserve(1, of: app, limit: count + 1) == nil)
            #expect(live.reserve(1, of: app, limit: count + 1) == count + 2)
        }
    }
}

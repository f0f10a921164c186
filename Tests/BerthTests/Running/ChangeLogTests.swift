import Testing

@testable import Berth

@Suite struct ChangeLogTests {
    private func log(_ count: Int, capacity: Int = 10, start: Int64 = 3) throws -> ChangeLog {
        var log = ChangeLog(start: start, capacity: capacity)
        for number in 0..<count { log.append(.host(try HostName("h\(number)"))) }
        return log
    }

    private func hosts(_ changes: [Change]?) -> [String]? {
        changes?.map { if case .host(let name) = $0.subject { name.description } else { "" } }
    }

    @Test func `A reader gets what came after what it has, in order, part by part`() throws {
        let log = try log(7)
        let first = log.last - 7
        #expect(hosts(log.changes(after: first, limit: 3)) == ["h0", "h1", "h2"])
        #expect(log.changes(after: first, limit: 3)?.map(\.id) == [first + 1, first + 2, first + 3])
        #expect(hosts(log.changes(after: first + 3, limit: 100)) == ["h3", "h4", "h5", "h6"])
        #expect(hosts(log.changes(after: log.last, limit: 100)) == [])
    }

    @Test(arguments: [10, 11, 19, 20, 21, 57])
    func `Only so many are kept, and who wants an older one is told that it is gone`(_ count: Int) throws {
        let log = try log(count)
        let kept = (count - 10..<count).map { "h\($0)" }
        #expect(hosts(log.changes(after: log.last - 10, limit: 100)) == kept)
        #expect(hosts(log.changes(after: log.last - 11, limit: 100)) == nil)
    }

    @Test func `What was never told here is not known`() throws {
        let log = try log(4)
        for id in [-1, 0, 1, log.last + 1, .max, .min] {
            #expect(hosts(log.changes(after: id, limit: 1)) == nil, "\(id)")
        }
        // Of the process before: what it told last, this one cannot know.
        #expect(hosts(log.changes(after: (Int64(2) << 40) + 1_000_000, limit: 1)) == nil)
    }

    @Test func `Numbers grow over restarts`() throws {
        #expect(try log(1_000, start: 3).last < ChangeLog(start: 4, capacity: 1).last)
    }
}

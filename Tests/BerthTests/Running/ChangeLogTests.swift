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

    @Test func `A reader gets all later changes in order, page by page`() throws {
        let log = try log(7)
        let first = log.last - 7
        #expect(hosts(log.changes(after: first, limit: 3)) == ["h0", "h1", "h2"])
        #expect(log.changes(after: first, limit: 3)?.map(\.id) == [first + 1, first + 2, first + 3])
        #expect(hosts(log.changes(after: first + 3, limit: 100)) == ["h3", "h4", "h5", "h6"])
        #expect(hosts(log.changes(after: log.last, limit: 100)) == [])
    }

    @Test(arguments: [10, 11, 19, 20, 21, 57])
    func `Only a limited number of changes is kept, and a request for an older one fails`(_ count: Int) throws {
        let log = try log(count)
        let kept = (count - 10..<count).map { "h\($0)" }
        #expect(hosts(log.changes(after: log.last - 10, limit: 100)) == kept)
        #expect(hosts(log.changes(after: log.last - 11, limit: 100)) == nil)
    }

    @Test func `An id that this log never gave out is unknown`() throws {
        let log = try log(4)
        for id in [-1, 0, 1, log.last + 1, .max, .min] {
            #expect(hosts(log.changes(after: id, limit: 1)) == nil, "\(id)")
        }
        // An id of the previous process: its last number is unknown here.
        #expect(hosts(log.changes(after: (Int64(2) << 40) + 1_000_000, limit: 1)) == nil)
    }

    @Test func `Change numbers grow across restarts`() throws {
        #expect(try log(1_000, start: 3).last < ChangeLog(start: 4, capacity: 1).last)
    }
}

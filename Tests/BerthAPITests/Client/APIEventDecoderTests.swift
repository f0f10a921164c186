import JSON
import Testing

@testable import BerthAPI

@Suite struct APIEventDecoderTests {
    static let stream = """
        : berth

        id: 7696581394434
        event: app_deleted
        data: {"name":"web"}

        :

        event: reset
        data: {"detail":"ä"}


        """

    @Test(arguments: [1, 2, 7, 1000])
    func `Events are decoded the same however the network splits them`(size: Int) throws {
        var decoder = APIEventDecoder()
        var events: [APIEvent] = []
        var rest = Array(Self.stream.utf8)[...]
        while !rest.isEmpty {
            decoder.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            while let event = try decoder.next() { events.append(event) }
        }
        #expect(events.map(\.name) == ["app_deleted", "reset"])
        #expect(events.map(\.id) == [7_696_581_394_434, nil])
        #expect(try events.first?.content() == .appDeleted(DeletedAppJSON("web")))
        #expect(try events.last?.content() == .reset(NoticeJSON("ä")))
    }

    @Test func `A line without an end is refused`() throws {
        var decoder = APIEventDecoder()
        decoder.append([UInt8](repeating: UInt8(ascii: "x"), count: (4 << 20) + 1))
        #expect(throws: APIError.self) { try decoder.next() }
    }

    @Test func `Data that is not JSON is reported as such`() {
        var event = APIEvent()
        event.data = Array("{".utf8)
        #expect(throws: APIError.self) { try event.content() }
    }

    @Test func `An unknown event of a newer server is skipped, and a known event in a wrong form is an error`() throws {
        var event = APIEvent()
        event.name = "weather"
        event.data = Array("{}".utf8)
        #expect(try event.content() == .unknown)
        event.name = "app_deleted"
        #expect(throws: APIError.self) { try event.content() }
    }
}

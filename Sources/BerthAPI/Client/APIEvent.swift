package import JSON

/// One server-sent event.
package struct APIEvent: Sendable, Equatable {
    /// Its kind: `run`, `app`, ….
    package var name = ""
    package var id: Int64?
    package var data: [UInt8] = []

    package init() {}

    /// - Throws: ``APIError/strange(_:)``.
    package func json() throws(APIError) -> JSONValue {
        do {
            return try JSONReader.parse(data)
        } catch {
            throw .strange("an event holds no JSON, \(error)")
        }
    }
}

/// Turns the bytes of a stream into its events, however the network has cut them.
///
/// Source: the HTML standard, section 9.2. Berth sends each `data` in one line and ends lines by line feeds.
struct APIEventDecoder {
    private static let maximumLine = 4 << 20

    private var bytes: [UInt8] = []
    /// Up to here `bytes` are read.
    private var position = 0
    private var open = APIEvent()

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.removeFirst(position)
        position = 0
        bytes += more
    }

    /// The next whole event, or nil until more has arrived.
    ///
    /// - Throws: ``APIError/strange(_:)`` where a line has no end.
    mutating func next() throws(APIError) -> APIEvent? {
        while let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[position..<end]
            position = end + 1
            if line.isEmpty, !open.name.isEmpty {
                defer { open = APIEvent() }
                return open
            }
            read(line)
        }
        guard bytes.count - position <= Self.maximumLine else { throw .strange("a line of an event is endless") }
        return nil
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": open.name = String(decoding: value, as: UTF8.self)
        case "id": open.id = Int64(String(decoding: value, as: UTF8.self))
        case "data": open.data = Array(value)
        default: break
        }
    }
}

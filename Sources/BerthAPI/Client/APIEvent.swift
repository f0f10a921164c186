package import JSON

/// One server-sent event.
package struct APIEvent: Sendable, Equatable {
    /// The kind of event: `run`, `app`, ….
    package var name = ""
    package var id: Int64?
    package var data: [UInt8] = []

    package init() {}

    /// The decoded data of an event.
    package enum Content: Sendable, Equatable {
        case run(RunJSON)
        case runDeleted(DeletedRunJSON)
        case app(AppJSON)
        case appDeleted(DeletedAppJSON)
        case host(HostJSON)
        case hostDeleted(DeletedHostJSON)
        /// The complete state follows.
        case reset(NoticeJSON)
        /// The reader was too slow; the stream ends.
        case lagged(NoticeJSON)
        /// A kind of event that only a newer server sends.
        case unknown
    }

    /// The kinds of events, with the JSON Schema of their data.
    package static let contents: [(name: String, schema: JSONValue)] = [
        ("run", RunJSON.decoder.schema), ("run_deleted", DeletedRunJSON.decoder.schema),
        ("app", AppJSON.decoder.schema), ("app_deleted", DeletedAppJSON.decoder.schema),
        ("host", HostJSON.decoder.schema), ("host_deleted", DeletedHostJSON.decoder.schema),
        ("reset", NoticeJSON.decoder.schema), ("lagged", NoticeJSON.decoder.schema),
    ]

    /// - Throws: ``APIError/unexpected(_:)``.
    package func content() throws(APIError) -> Content {
        do {
            let json = try JSONReader.parse(data)
            return switch name {
            case "run": .run(try RunJSON(json))
            case "run_deleted": .runDeleted(try DeletedRunJSON(json))
            case "app": .app(try AppJSON(json))
            case "app_deleted": .appDeleted(try DeletedAppJSON(json))
            case "host": .host(try HostJSON(json))
            case "host_deleted": .hostDeleted(try DeletedHostJSON(json))
            case "reset": .reset(try NoticeJSON(json))
            case "lagged": .lagged(try NoticeJSON(json))
            default: .unknown
            }
        } catch {
            throw .unexpected("the event \(name) cannot be read: \(error)")
        }
    }
}

/// Decodes the bytes of a stream into events, independent of how the network split them.
///
/// Source: the HTML standard, section 9.2. Berth sends each `data` in one line and ends lines with line feeds.
struct APIEventDecoder {
    private static let maximumLine = 4 << 20

    private var bytes: [UInt8] = []
    /// The part of `bytes` before this index was read.
    private var position = 0
    private var open = APIEvent()

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.removeFirst(position)
        position = 0
        bytes += more
    }

    /// The next complete event, or nil until more bytes have arrived.
    ///
    /// - Throws: ``APIError/unexpected(_:)`` if a line is too long.
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
        guard bytes.count - position <= Self.maximumLine else { throw .unexpected("a line of an event is too long") }
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

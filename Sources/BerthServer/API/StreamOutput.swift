import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// A response that is sent piece by piece, to one client.
struct StreamOutput {
    var writer: any ResponseBodyWriter
    let channel: any Channel

    /// A client that has not read what was sent for this long is disconnected.
    private static let timeout = TimeAmount.seconds(30)

    /// Sends the output of `write`, and waits until there is room for more.
    @concurrent
    mutating func send(_ write: (inout ByteBuffer) -> Void) async throws {
        var buffer = ByteBuffer()
        write(&buffer)
        guard buffer.readableBytes > 0 else { return }
        let end = channel.eventLoop.scheduleTask(in: Self.timeout) { [channel] in channel.close(promise: nil) }
        defer { end.cancel() }
        try await writer.write(buffer)
    }

    /// Sends one object per line.
    @concurrent
    mutating func send(lines: [JSONValue]) async throws {
        try await send { buffer in
            for line in lines {
                buffer.writeBytes(line.encoded())
                buffer.writeInteger(UInt8(ascii: "\n"))
            }
        }
    }

    @concurrent
    mutating func finish() async throws { try await writer.finish(nil) }
}

extension HTTPFields {
    /// The headers of a response that is sent piece by piece.
    static func stream(_ mediaType: String) -> HTTPFields {
        [
            .contentType: mediaType, .cacheControl: "no-store", .named("X-Accel-Buffering"): "no",
            .connection: "close",
        ]
    }
}

extension ByteBuffer {
    /// Writes one event, with its data in one line.
    mutating func write(event: StaticString, id: Int64?, _ writeData: (inout ByteBuffer) -> Void) {
        if let id {
            writeStaticString("id: ")
            writeString("\(id)\n")
        }
        writeStaticString("event: ")
        writeStaticString(event)
        writeStaticString("\ndata: ")
        writeData(&self)
        writeStaticString("\n\n")
    }

    mutating func write(event: StaticString, id: Int64? = nil, data: JSONValue) {
        write(event: event, id: id) { $0.writeBytes(data.encoded()) }
    }
}

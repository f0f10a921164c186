import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// A response that is sent piece by piece, to one client.
///
/// Only one task may use it at a time.
final class StreamOutput: Sendable {
    private nonisolated(unsafe) var writer: any ResponseBodyWriter
    private let channel: any Channel

    /// A client that has not read what was sent for this long is disconnected.
    private static let timeout = TimeAmount.seconds(30)

    init(writer: any ResponseBodyWriter, channel: any Channel) {
        self.writer = writer
        self.channel = channel
    }

    /// Sends the output of `write`, and waits until there is room for more.
    @concurrent
    func send(_ write: (inout ByteBuffer) -> Void) async throws {
        var buffer = ByteBuffer()
        write(&buffer)
        guard buffer.readableBytes > 0 else { return }
        let end = channel.eventLoop.scheduleTask(in: Self.timeout) { [channel] in channel.close(promise: nil) }
        defer { end.cancel() }
        try await writer.write(buffer)
    }

    /// Sends one object per line.
    @concurrent
    func send(lines: [JSONValue]) async throws {
        try await send { buffer in for line in lines { buffer.write(line: line) } }
    }

    @concurrent
    fileprivate func finish() async throws { try await writer.finish(nil) }
}

extension Request {
    /// The id of the last server-sent event that a reconnecting client received.
    var lastEventID: String? { headers[.named("Last-Event-ID")] }
}

extension Response {
    /// A response that `write` sends piece by piece, until the client disconnects; its connection takes no further
    /// request.
    init(
        streaming mediaType: String,
        _ request: Request,
        _ context: APIContext,
        _ write: @escaping @Sendable (StreamOutput) async throws -> Void
    ) {
        self.init(
            status: .ok,
            headers: [
                .contentType: mediaType, .cacheControl: "no-store", .named("X-Accel-Buffering"): "no",
                .connection: "close",
            ],
            body: ResponseBody { writer in
                let output = StreamOutput(writer: writer, channel: context.channel)
                try await request.whileClientIsThere(context) { try await write(output) }
                try await output.finish()
            }
        )
    }
}

extension ByteBuffer {
    /// Writes a line of NDJSON.
    mutating func write(line: JSONValue) {
        writeBytes(line.encoded())
        writeInteger(UInt8(ascii: "\n"))
    }

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

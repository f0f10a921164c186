import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Synchronization

/// A response that is sent piece by piece, to one client.
///
/// Only one task may use it at a time.
final class StreamOutput: Sendable {
    private nonisolated(unsafe) var writer: any ResponseBodyWriter
    /// Since when the client has not read what was sent, in nanoseconds; 0 if it has.
    private let waitingSince = Atomic<UInt64>(0)

    /// A client that has not read what was sent for this long is disconnected.
    private static let timeout = TimeAmount.seconds(30)
    private static let checkPause = TimeAmount.seconds(3)

    private init(writer: any ResponseBodyWriter) { self.writer = writer }

    /// Passes `write` an output, and sends its end.
    static func with(
        _ writer: any ResponseBodyWriter,
        on channel: any Channel,
        _ write: (StreamOutput) async throws -> Void
    ) async throws {
        let output = StreamOutput(writer: writer)
        // One check for the whole response: a timer for each part would cost more than the part.
        let check = channel.eventLoop.scheduleRepeatedTask(initialDelay: checkPause, delay: checkPause) { _ in
            let since = output.waitingSince.load(ordering: .relaxed)
            if since > 0, NIODeadline.now() - timeout > .uptimeNanoseconds(since) { channel.close(promise: nil) }
        }
        defer { check.cancel() }
        try await write(output)
        try await output.writer.finish(nil)
    }

    /// Sends the output of `write`, and waits until there is room for more.
    @concurrent
    func send(_ write: (inout ByteBuffer) -> Void) async throws {
        var buffer = ByteBuffer()
        write(&buffer)
        guard buffer.readableBytes > 0 else { return }
        waitingSince.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
        defer { waitingSince.store(0, ordering: .relaxed) }
        try await writer.write(buffer)
    }

    /// Sends one object per line.
    @concurrent
    func send(lines: [JSONValue]) async throws {
        try await send { buffer in for line in lines { buffer.write(line: line) } }
    }
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
                nonisolated(unsafe) let writer = writer
                try await StreamOutput.with(writer, on: context.channel) { output in
                    try await request.whileClientIsThere(context) { try await write(output) }
                }
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

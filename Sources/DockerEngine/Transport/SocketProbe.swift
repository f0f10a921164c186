import NIOCore
import NIOPosix

/// The response to a Docker ping at a local socket.
enum SocketProbe: Sendable, Equatable {
    /// The peer speaks HTTP.
    case http
    /// There was no response within the time limit.
    case silent
    /// The connection was closed, possibly after some text that is not HTTP.
    case closed(String)

    /// - Parameter whileOpen: called with the result, while the connection is still open unless it was closed.
    static func ping(
        _ socketPath: String,
        within limit: Duration = .seconds(5),
        whileOpen: @escaping @Sendable (SocketProbe) async -> Void = { _ in }
    ) async -> SocketProbe {
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: socketPath) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            return try await channel.executeThenClose { inbound, outbound in
                // If this fails, the result of reading shows it.
                try? await outbound.write(ByteBuffer(string: "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"))
                let result = await read(inbound, within: limit)
                await whileOpen(result)
                return result
            }
        } catch {
            await whileOpen(.closed(""))
            return .closed("")
        }
    }

    private static func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, within limit: Duration) async
        -> SocketProbe
    {
        do {
            return try await withDeadline(limit) {
                var bytes = ByteBuffer()
                do {
                    for try await buffer in inbound where bytes.readableBytes < 4096 {
                        bytes.writeImmutableBuffer(buffer)
                        let text = String(buffer: bytes)
                        if text.hasPrefix("HTTP/1.") { return .http }
                        // An echo, such as from `cat`, has no message.
                        if text.contains("\n") { return .closed(text.hasPrefix("GET ") ? "" : singleLine(text)) }
                    }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {}
                return .closed(singleLine(String(buffer: bytes)))
            }
        } catch {
            return .silent
        }
    }
}

import NIOCore
import NIOPosix

/// What answers a ping of Docker's at a socket of this machine.
enum SocketProbe: Sendable, Equatable {
    /// Something that speaks HTTP.
    case http
    /// Nothing within the time that it had.
    case silent
    /// The connection was closed, perhaps after some words that are no HTTP.
    case closed(String)

    /// - Parameter whileOpen: called with the result, while the connection is still open if there is one.
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
                // Where this fails, what is read tells.
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
                        // An echo, such as `cat` gives, tells nothing.
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

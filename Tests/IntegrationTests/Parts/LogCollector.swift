import JSON
import NIOCore
import NIOPosix
import Synchronization

/// Receives uncompressed UDP messages from the engines' log driver `gelf`.
final class LogCollector: Sendable {
    private typealias Socket = NIOAsyncChannel<AddressedEnvelope<ByteBuffer>, AddressedEnvelope<ByteBuffer>>

    let port: Int
    private let received = Mutex<[JSONValue]>([])

    private init(port: Int) { self.port = port }

    /// Runs one during `body`.
    static func with<Result: Sendable>(
        _ body: @escaping @Sendable (LogCollector) async throws -> Result
    ) async throws -> Result {
        let socket = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Socket(wrappingChannelSynchronously: channel) }
            }
        guard let port = socket.channel.localAddress?.port else { throw LabError("no port to collect logs on") }
        let collector = LogCollector(port: port)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await collector.collect(from: socket) }
            defer { group.cancelAll() }
            return try await body(collector)
        }
    }

    private func collect(from socket: Socket) async throws {
        try await socket.executeThenClose { datagrams, _ in
            for try await datagram in datagrams {
                // Unreadable messages are kept as well, so that a waiting test can show them.
                let text = String(buffer: datagram.data)
                let record = (try? JSONReader.parse(Array(text.utf8))) ?? .string(text)
                received.withLock { $0.append(record) }
            }
        }
    }

    /// Each line received so far, as GELF's fields.
    var records: [JSONValue] { received.withLock { $0 } }
}

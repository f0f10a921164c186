import AsyncHTTPClient
import FoundationEssentials
package import NIOCore
import NIOHTTP1
import Synchronization

/// A connection that carries a process's input and output.
package struct HijackedConnection: Sendable {
    /// What the process writes; can be read once.
    package let output: EngineStream<LogFrames>
    fileprivate let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// Sends input to the process, and waits until there is room for more.
    ///
    /// - Throws: `EngineError` when the connection is closed, or `CancellationError`.
    package func write(_ bytes: ByteBuffer) async throws {
        do {
            try await writer.write(bytes)
        } catch {
            throw engineError(from: error)
        }
    }

    /// The process has no more input; its output continues.
    package func finishInput() { writer.finish() }
}

extension EngineTransport {
    /// Sends one request after which the connection belongs to a process, passes that connection to `use`, and closes
    /// it when `use` returns.
    ///
    /// - Parameters:
    ///   - isFramed: whether the process's output comes in frames; see ``LogFrames``.
    ///   - deadline: for the response.
    func hijack<Result: Sendable>(
        _ path: String,
        body: Data,
        isFramed: Bool,
        deadline: Duration,
        operation: String,
        _ use: (HijackedConnection) async throws -> Result
    ) async throws -> Result {
        let (channel, place): (EngineSocket.Raw, ConnectionBudget.Place) = try await observed(operation) { headers in
            let place = try await budget.place(for: .followed, within: deadline)
            do {
                let body = ByteBuffer(bytes: body)
                switch try await socket.upgrade(path, headers: headers, body: body, within: deadline) {
                case .raw(let channel): return (channel, place)
                case .refused(let channel):
                    throw try await withDeadline(deadline) { try await self.refusal(channel) }
                }
            } catch {
                throw explained(engineError(from: error))
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try addHijacked(channel.channel)
            defer { removeHijacked(channel.channel) }
            let output = EngineStream(body: .stream(inbound), decoder: LogFrames(isFramed: isFramed), place: place)
            return try await use(HijackedConnection(output: output, writer: outbound))
        }
    }

    /// - Throws: `EngineError.unreachable` when the transport has been closed.
    private func addHijacked(_ channel: any Channel) throws(EngineError) {
        let isOpen = hijacked.withLock { channels in
            channels?[ObjectIdentifier(channel)] = channel
            return channels != nil
        }
        guard isOpen else { throw .unreachable("the connection was closed") }
    }

    private func removeHijacked(_ channel: any Channel) {
        _ = hijacked.withLock { $0?.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Closes the connections that belong to processes, and refuses further ones.
    func closeHijacked() {
        let channels = hijacked.withLock { channels in
            defer { channels = nil }
            return channels?.values.map { $0 } ?? []
        }
        for channel in channels { channel.close(promise: nil) }
    }

    private func refusal(_ channel: EngineSocket.HTTP) async throws -> EngineError {
        try await channel.executeThenClose { inbound, _ in
            var status = 0
            var message = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let head):
                    status = Int(head.status.code)
                    guard status >= 400 else { return .undecodable("it did not switch to a stream (\(status))") }
                case .body(let bytes) where message.readableBytes < 64 << 10: message.writeImmutableBuffer(bytes)
                case .body, .end: break
                }
                guard case .end = part else { continue }
                break
            }
            try Task.checkCancellation()
            return .status(status, message: errorMessage(message))
        }
    }
}

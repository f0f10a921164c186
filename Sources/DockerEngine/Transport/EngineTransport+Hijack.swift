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
    /// it when `use` returns, or when the transport is closed.
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
        let (connection, place) = try await observed(operation) { headers in
            let place = try await budget.place(for: .followed, within: deadline)
            var request = ByteBuffer(string: "POST \(path) HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\n")
            request.writeString("Upgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n")
            for (name, value) in headers { request.writeString("\(name): \(value)\r\n") }
            request.writeString("\r\n")
            request.writeBytes(body)
            do {
                return (try await socket.hijack(request, within: deadline), place)
            } catch {
                throw explained(engineError(from: error))
            }
        }
        return try await connection.executeThenClose { inbound, outbound in
            guard keep(connection.channel) else { throw EngineError.unreachable("the connection was closed") }
            defer { forget(connection.channel) }
            let output = EngineStream(body: .stream(inbound), decoder: LogFrames(isFramed: isFramed), place: place)
            return try await use(HijackedConnection(output: output, writer: outbound))
        }
    }

    /// Has the connection closed with the transport; false if that is closed already.
    private func keep(_ channel: any Channel) -> Bool {
        hijacked.withLock { hijacked in
            hijacked?[ObjectIdentifier(channel)] = channel
            return hijacked != nil
        }
    }

    private func forget(_ channel: any Channel) {
        hijacked.withLock { _ = $0?.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    func closeHijacked() {
        let left = hijacked.withLock { hijacked in
            defer { hijacked = nil }
            return hijacked ?? [:]
        }
        for channel in left.values { channel.close(promise: nil) }
    }
}

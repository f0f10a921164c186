import FoundationEssentials
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import DockerEngine

/// An engine on a real Unix socket that answers with exactly the bytes that a test gives it.
///
/// So it can do what no real engine does.
final class StubEngine: Sendable {
    typealias Script = @Sendable (StubRequest) async throws -> StubAnswer
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let socketPath: String
    private let script: Script
    private let log = Mutex(Log())

    private struct Log {
        var requests: [StubRequest] = []
        var openConnections = 0
        var bytesSent = 0
        /// No more clients connect, and every connection has its task.
        var hasTakenAll = false
    }

    private init(socketPath: String, script: @escaping Script) {
        self.socketPath = socketPath
        self.script = script
    }

    /// The received requests, in order.
    var requests: [StubRequest] { log.withLock { $0.requests } }
    var openConnections: Int { log.withLock { $0.openConnections } }
    /// The bytes that the client has taken from it, including those in the kernel's buffers.
    var bytesSent: Int { log.withLock { $0.bytesSent } }

    /// Runs a stub during `body`, with a transport to it; both are closed afterwards.
    static func with(
        observer: EngineObserver = .none,
        _ script: @escaping Script,
        _ body: (EngineTransport, StubEngine) async throws -> Void
    ) async throws {
        let directory = "/tmp/stub-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let stub = StubEngine(socketPath: directory + "/s", script: script)
        let listener = try await listen(at: stub.socketPath)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stub.serve(listener) }
            defer { group.cancelAll() }
            let result: Result<Void, any Error>
            do {
                try await EngineTransport.withUnixSocket(stub.socketPath, observer: observer) {
                    try await body($0, stub)
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            // SwiftNIO stops the process if it is cancelled while it holds a connection that was not accepted yet.
            try? await listener.channel.close()
            try await expectEventually { stub.log.withLock { $0.hasTakenAll } }
            try result.get()
        }
    }

    /// Like ``with(_:_:)`` with an engine of API 1.41; the requests for the version are not in ``requests``.
    static func withEngine(
        observer: EngineObserver = .none,
        _ script: @escaping Script,
        _ body: (Engine, StubEngine) async throws -> Void
    ) async throws {
        try await with(observer: observer) { request in
            switch request.path {
            case "/_ping": .http(200, body: "OK")
            case "/version": .http(200, body: #"{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"}"#)
            default: try await script(request)
            }
        } _: { transport, stub in
            let engine = try await Engine.negotiated(over: transport)
            stub.log.withLock { $0.requests = [] }
            try await body(engine, stub)
        }
    }

    private static func listen(at path: String) async throws -> NIOAsyncChannel<Connection, Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 512)
            .bind(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
    }

    private func serve(_ listener: NIOAsyncChannel<Connection, Never>) async throws {
        try await listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    // The client may break a connection.
                    group.addTask { try? await self.converse(over: connection) }
                }
                self.log.withLock { $0.hasTakenAll = true }
            }
        }
    }

    private func converse(over connection: Connection) async throws {
        log.withLock { $0.openConnections += 1 }
        defer { log.withLock { $0.openConnections -= 1 } }
        try await connection.executeThenClose { inbound, _ in
            var received = StubRequestReader()
            for try await bytes in inbound {
                received.append(bytes)
                guard let request = received.next() else { continue }
                log.withLock { $0.requests.append(request) }
                guard try await give(script(request), to: connection.channel) else { return }
            }
        }
    }

    /// Returns whether the connection stays open.
    private func give(_ answer: StubAnswer, to client: any Channel) async throws -> Bool {
        for piece in answer.pieces {
            if answer.pause > .zero { try await Task.sleep(for: answer.pause) }
            try await send(piece, to: client)
        }
        switch answer.ending {
        case .open: return true
        case .closed: return false
        case .endless(let piece):
            while true { try await send(piece, to: client) }
        }
    }

    private func send(_ piece: [UInt8], to client: any Channel) async throws {
        // The channel's own writer would only queue the bytes, and the count would be useless.
        try await client.writeAndFlush(ByteBuffer(bytes: piece))
        log.withLock { $0.bytesSent += piece.count }
    }
}

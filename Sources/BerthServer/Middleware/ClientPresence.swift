import DockerEngine
import Glibc
import Hummingbird
import NIOCore

extension Request {
    /// Runs `operation`, and cancels it when the client disconnects.
    ///
    /// A client that has only closed its sending side is still connected. The connection takes no further request
    /// afterwards.
    ///
    /// - Throws: ``ClientIsGone``, and whatever `operation` throws.
    func whileClientIsThere<Result: Sendable>(
        _ context: APIContext,
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        // A request of a test has no connection.
        guard context.channel is any SocketOptionProvider || context.channel.isStream else {
            return try await operation()
        }
        // A disconnect is noticed only after the whole body. Routes of other methods have read theirs.
        if method == .get { for try await _ in body {} }
        let (closing, source) = AsyncStream<Void>.makeStream()
        // Hummingbird accepts no other body here than the connection's own.
        return try await (context.receivedBody ?? body).consumeWithInboundCloseHandler { rest in
            // Ends the sequence: SwiftNIO stops the process if the source of one that has not ended is released first.
            _ = rest.makeAsyncIterator()
            return try await firstOf(operation) {
                for await _ in closing {}
                try await context.channel.waitUntilClientIsGone()
                throw ClientIsGone()
            }
        } onInboundClosed: {
            source.finish()
        }
    }
}

/// The client closed its connection before it received the response.
struct ClientIsGone: Error {}

extension Channel {
    /// Whether it is a stream of an HTTP/2 connection, which its client resets to cancel the request.
    fileprivate var isStream: Bool { parent is any SocketOptionProvider }

    /// Returns when a client that has closed its sending side has closed its receiving side as well.
    ///
    /// - Throws: `CancellationError`.
    fileprivate func waitUntilClientIsGone() async throws {
        // The kernel of a client that closes its connection finishes within this time.
        try await Task.sleep(for: .milliseconds(200))
        while !(await clientIsGone) { try await Task.sleep(for: .seconds(1)) }
    }

    /// Whether no client is left to receive a response.
    ///
    /// TCP reports only that a client sends no more. Its own kernel knows whether it still reads: for a client on the
    /// loopback interface that is this machine's kernel; a remote client counts as connected until a write fails.
    var clientIsGone: Bool {
        get async {
            // A stream of HTTP/2 and a channel of a test are not sockets.
            guard let socket = self as? any SocketOptionProvider else { return isStream && !isActive }
            guard isActive, let client = remoteAddress, client.isLoopback, let local = localAddress,
                let state = try? await socket.getTCPInfo().get().tcpi_state
            else { return !isActive }
            return state != UInt8(TCP_ESTABLISHED) && !LoopbackSockets.isOpen(from: client, to: local)
        }
    }
}

/// Queries this machine's kernel about its TCP sockets.
///
/// Source: `sock_diag(7)`, which looks up one socket and needs no privileges.
private enum LoopbackSockets {
    /// Whether a process holds the socket with these ends open; true if the kernel does not say.
    static func isOpen(from local: SocketAddress, to remote: SocketAddress) -> Bool {
        guard let question = question(local, remote) else { return true }
        // AF_NETLINK, NETLINK_SOCK_DIAG.
        let descriptor = socket(16, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 4)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var answer = [UInt8](repeating: 0, count: 4096)
        guard send(descriptor, question, question.count, 0) == question.count else { return true }
        let count = recv(descriptor, &answer, answer.count, Int32(MSG_DONTWAIT))
        return isOpen(answer.prefix(max(0, count)))
    }

    /// The request: `nlmsghdr`, and `inet_diag_req_v2` for one socket.
    private static func question(_ local: SocketAddress, _ remote: SocketAddress) -> [UInt8]? {
        guard let source = local.bytes, let destination = remote.bytes, source.count == destination.count,
            let sourcePort = local.port, let destinationPort = remote.port
        else { return nil }
        let family = UInt8(source.count == 4 ? AF_INET : AF_INET6)
        var bytes = words(72) + shorts(20, 1) + words(0, 0)
        bytes += [family, UInt8(IPPROTO_TCP), 0, 0] + words(UInt32.max)
        for port in [sourcePort, destinationPort] { bytes += [UInt8(port >> 8), UInt8(port & 0xFF)] }
        for address in [source, destination] { bytes += address + [UInt8](repeating: 0, count: 16 - address.count) }
        // Any interface and any cookie.
        return bytes + words(0, UInt32.max, UInt32.max)
    }

    /// Parses `nlmsghdr` and either `inet_diag_msg`, whose inode is 0 if no process holds the socket, or an error.
    private static func isOpen(_ answer: ArraySlice<UInt8>) -> Bool {
        func word(at offset: Int) -> UInt32 {
            answer[offset..<offset + 4].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        }
        guard answer.count >= 20 else { return true }
        switch word(at: 4) & 0xFFFF {
        case 2: return Int32(bitPattern: word(at: 16)) != -ENOENT
        case 20 where answer.count >= 88: return answer[17] != UInt8(TCP_LISTEN) && word(at: 84) != 0
        default: return true
        }
    }

    private static func words(_ values: UInt32...) -> [UInt8] {
        values.flatMap { withUnsafeBytes(of: $0, Array.init) }
    }

    private static func shorts(_ values: UInt16...) -> [UInt8] {
        values.flatMap { withUnsafeBytes(of: $0, Array.init) }
    }
}

extension SocketAddress {
    fileprivate var isLoopback: Bool { ipAddress.map { $0.hasPrefix("127.") || $0 == "::1" } ?? false }

    /// The IP address in network byte order; nil for other kinds of address.
    fileprivate var bytes: [UInt8]? {
        guard let ipAddress else { return nil }
        let isIPv6 = ipAddress.contains(":")
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        return inet_pton(isIPv6 ? AF_INET6 : AF_INET, ipAddress, &bytes) == 1 ? bytes : nil
    }
}

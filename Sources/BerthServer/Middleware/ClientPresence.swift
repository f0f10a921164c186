import FoundationEssentials
import Glibc
import Hummingbird
import NIOCore
import Synchronization

extension Request {
    /// Runs `operation` for as long as the client is there to get the response.
    ///
    /// A client that has only closed its sending side is still there. The connection takes no further request afterwards.
    ///
    /// - Throws: ``ClientIsGone``, and whatever `operation` throws.
    func whileClientIsThere<Result: Sendable>(
        _ context: APIContext,
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let (closing, source) = AsyncStream<Void>.makeStream()
        return try await body.consumeWithInboundCloseHandler { _ in
            try await withThrowingTaskGroup(of: Result.self) { group in
                group.addTask { try await operation() }
                group.addTask {
                    for await _ in closing {}
                    try await context.channel.waitUntilClientIsGone()
                    throw ClientIsGone()
                }
                defer { group.cancelAll() }
                guard let result = try await group.next() else { throw CancellationError() }
                return result
            }
        } onInboundClosed: {
            source.finish()
        }
    }
}

/// The client has closed its connection before it got the response.
struct ClientIsGone: Error {}

extension Channel {
    /// Returns when the client, which has closed its sending side, has closed the other one as well.
    ///
    /// - Throws: `CancellationError`.
    fileprivate func waitUntilClientIsGone() async throws {
        // What a closing client's kernel does follows within that time.
        try await Task.sleep(for: .milliseconds(200))
        while !(await clientIsGone) { try await Task.sleep(for: .seconds(1)) }
    }

    /// Whether nobody is left to get a response.
    ///
    /// TCP tells only that a client sends no more. Whether it still reads, its own kernel knows, which for a client on the
    /// loopback interface is this one; from elsewhere it is taken to be there until a write fails.
    var clientIsGone: Bool {
        get async {
            // A channel of a test is no socket.
            guard let socket = self as? any SocketOptionProvider else { return false }
            guard isActive, let client = remoteAddress, client.isLoopback, let local = localAddress,
                let state = try? await socket.getTCPInfo().get().tcpi_state
            else { return !isActive }
            return state != UInt8(TCP_ESTABLISHED) && !LoopbackSockets.isOpen(from: client, to: local)
        }
    }
}

/// The TCP sockets of this machine that a process holds open.
private enum LoopbackSockets {
    private struct Snapshot {
        /// `local remote`, as the kernel writes them; nil where it does not tell.
        let ends: Set<String>?
        let taken = ContinuousClock.now
    }

    /// For many clients that leave at once.
    private static let snapshot = Mutex<Snapshot?>(nil)
    private static let longestAge = Duration.milliseconds(100)

    static func isOpen(from local: SocketAddress, to remote: SocketAddress) -> Bool {
        guard let local = local.kernelText, let remote = remote.kernelText else { return true }
        let ends = snapshot.withLock { snapshot in
            if snapshot.map({ $0.taken + longestAge < .now }) ?? true { snapshot = Snapshot(ends: read()) }
            return snapshot?.ends
        }
        return ends?.contains("\(local) \(remote)") ?? true
    }

    private static func read() -> Set<String>? {
        let texts = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        return texts.isEmpty ? nil : Set(texts.flatMap { $0.split(separator: "\n") }.compactMap(ends(line:)))
    }

    /// Of `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`; nil where no process holds it.
    ///
    /// Source: `Documentation/networking/proc_net_tcp.rst` of Linux.
    private static func ends(line: Substring) -> String? {
        let fields = line.split(separator: " ")
        return fields.count > 9 && fields[9] != "0" ? "\(fields[1]) \(fields[2])" : nil
    }
}

extension SocketAddress {
    fileprivate var isLoopback: Bool { ipAddress.map { $0.hasPrefix("127.") || $0 == "::1" } ?? false }

    /// As `/proc/net/tcp` has it: the address in words of the machine's byte order, a colon, the port; all hexadecimal.
    fileprivate var kernelText: String? {
        guard let port, let ipAddress else { return nil }
        let isIPv6 = ipAddress.contains(":")
        var words = [UInt32](repeating: 0, count: isIPv6 ? 4 : 1)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, ipAddress, &words) == 1 else { return nil }
        return words.map { hexadecimal($0, digits: 8) }.joined() + ":" + hexadecimal(port, digits: 4)
    }
}

private func hexadecimal(_ number: some BinaryInteger, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

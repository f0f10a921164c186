import Glibc

/// A connection to this machine on which a test decides each byte; its calls block their thread.
package struct RawSocket: ~Copyable {
    private let descriptor: Int32

    package init(port: Int) throws {
        descriptor = try RawConnection.connected(to: port)
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Stops early if the server has closed, or takes nothing for 5 s.
    package func send(_ bytes: [UInt8]) { RawConnection.write(bytes, to: descriptor) }

    /// Closes the sending side: nothing more follows, and the answer can still be read.
    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Appends what arrives to `received`, until `isEnough` accepts it, the server has closed, or `limit` has passed.
    ///
    /// - Returns: whether the server has closed.
    @discardableResult
    package func receive(
        into received: inout [UInt8],
        within limit: Duration,
        until isEnough: ([UInt8]) -> Bool = { _ in false }
    ) -> Bool {
        let end = ContinuousClock.now + limit
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(received) {
            let rest = Int32(max(0, (end - .now) / .milliseconds(1)))
            var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard rest > 0, poll(&query, 1, rest) > 0 else { return false }
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return true }
            received += buffer.prefix(count)
        }
        return false
    }
}

import Glibc
import NIOPosix
import Synchronization

/// The answers of a server to bytes that no HTTP client would send.
package enum RawConnection {
    package struct Failure: Error {
        let call: String
        let code: Int32
    }

    /// Sends `bytes` to this machine's port and reads until the server closes, or sends nothing for 30 s.
    package static func answer(to bytes: [UInt8], port: Int) async throws -> String {
        // It blocks, so it must not use a thread that the server's own tasks need.
        try await NIOThreadPool.singleton.runIfActive {
            let descriptor = try connected(to: port)
            defer { close(descriptor) }
            write(bytes, to: descriptor)
            return String(decoding: readToEnd(of: descriptor), as: UTF8.self)
        }
    }

    /// - Parameter receiveBuffer: in bytes; nil for the system's default, which may be megabytes.
    static func connected(to port: Int, receiveBuffer: Int32? = nil) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(4)) }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure(call: "connect", code: errno)
        }
        return descriptor
    }

    /// Stops early if the server has closed.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func readToEnd(of descriptor: Int32) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return answer }
            answer += buffer.prefix(count)
        }
    }
}

/// An answer that is read while it arrives.
package final class RawStream: Sendable {
    private let descriptor: Int32
    private let received = Mutex("")
    private let hasEnded = Mutex(false)

    /// Sends the request to this machine's port.
    package init(_ request: String, port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = try RawConnection.connected(to: port, receiveBuffer: receiveBuffer)
        RawConnection.write(Array(request.utf8), to: descriptor)
    }

    deinit { close(descriptor) }

    /// Sends more bytes.
    package func send(_ text: String) { RawConnection.write(Array(text.utf8), to: descriptor) }

    /// Closes the sending side: nothing more follows, and the answer can still be read.
    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether a read has found that the server has closed.
    package var isClosed: Bool { hasEnded.withLock { $0 } }

    /// All bytes so far, once `isEnough` accepts them, the server has closed, or it sends nothing for 30 s.
    package func read(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !isEnough(received.withLock { $0 }) {
                let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
                if count == 0 || (count < 0 && errno == ECONNRESET) { hasEnded.withLock { $0 = true } }
                guard count > 0 else { break }
                received.withLock { $0 += String(decoding: buffer.prefix(count), as: UTF8.self) }
            }
            return received.withLock { $0 }
        }
    }
}

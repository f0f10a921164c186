import FakeEngine
import Glibc
import NIOCore
import NIOPosix

/// A log of the changes of containers on standard output; used on its event loop only.
///
/// A separate thread writes, so that a slow reader does not delay the engines.
final class Ledger {
    private let loop: any EventLoop
    private let writer = NIOThreadPool(numberOfThreads: 1)
    private var pending: [UInt8] = []
    private var isWriting = false

    init(loop: any EventLoop) {
        self.loop = loop
        writer.start()
    }

    func record(_ container: Container, at time: Int64) {
        pending += "\(container.name) \(container.state.rawValue) \(time)\n".utf8
        writePending()
    }

    private func writePending() {
        guard !isWriting, !pending.isEmpty else { return }
        isWriting = true
        let bytes = pending
        pending.removeAll(keepingCapacity: true)
        writer.runIfActive(eventLoop: loop) { writeAll(bytes) }.assumeIsolated().whenComplete { _ in
            self.isWriting = false
            self.writePending()
        }
    }
}

/// Returns also if the reader has closed the pipe.
private func writeAll(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { return }
        rest = rest.dropFirst(max(0, count))
    }
}

import Glibc
import Synchronization

/// Opens once; tasks and threads can wait for it.
final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    /// For threads that may block.
    func wait() {
        while !isOpen.withLock({ $0 }) { usleep(1_000) }
    }

    func opened() async {
        while !isOpen.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
    }
}

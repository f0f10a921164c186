import Glibc

/// A file that one process at a time holds.
///
/// Given back when the process ends, however it ends.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``OpeningError/inUse(_:)`` when another process holds it, ``OpeningError/unreadable(_:)`` when it cannot
    ///   be made. Both name `subject`, which it guards.
    package init(path: String, guarding subject: String) throws(OpeningError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unreadable("\(path): \(String(cString: strerror(errno)))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .inUse(subject)
        }
    }

    deinit { close(descriptor) }
}

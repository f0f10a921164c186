import Glibc

/// A lock file that one process at a time holds.
///
/// The lock is released when the process ends, even by a crash.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``OpeningError/inUse(_:)`` when another process holds the lock, ``OpeningError/unreadable(_:)`` when
    ///   the file cannot be created. Both name `subject`, which the lock guards.
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

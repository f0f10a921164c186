import Glibc
import Synchronization

/// Reserved room on the disk beside a database, released when the disk is full.
///
/// A deletion needs room too, because SQLite first writes changes to its log. Without a reserve, deleting records could
/// not clear a full disk.
final class SQLiteReserve: Sendable {
    private struct State {
        var isWhole = false
        var lastAttempt: ContinuousClock.Instant?
    }

    /// Enough for the records of several hundred runs at once.
    static let size = 4 << 20
    /// If the full size does not fit, a half or less is tried.
    private static let sizes = [size, size / 2, size / 4, size / 8, size / 16]
    private static let pause = Duration.seconds(3)

    private let path: String
    private let state = Mutex(State())

    /// - Parameter path: the file that occupies the room; it is not created yet.
    init(path: String) { self.path = path }

    /// Whether the reserve has its full size.
    var isWhole: Bool { state.withLock { $0.isWhole } }

    /// Reserves as much as there is room for.
    func take() {
        let isWhole = isTakenUp()
        state.withLock { $0 = State(isWhole: isWhole, lastAttempt: .now) }
    }

    /// Reserves what is missing, with a pause between attempts.
    func takeIfDue() {
        let isDue = state.withLock { state in
            !state.isWhole && state.lastAttempt.map { .now - $0 >= Self.pause } ?? true
        }
        if isDue { take() }
    }

    /// Releases the reserved room.
    ///
    /// - Returns: false if there is none to release.
    func giveUp() -> Bool {
        state.withLock { $0.isWhole = false }
        var status = stat()
        // Truncated rather than removed: creating a file again may need room as well.
        return stat(path, &status) == 0 && status.st_size > 0 && truncate(path, 0) == 0
    }

    private func isTakenUp() -> Bool {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        var status = stat()
        guard fchmod(file, 0o600) == 0, fstat(file, &status) == 0 else { return false }
        let present = Int(status.st_size)
        for size in Self.sizes where size > present {
            // Allocates disk blocks, not just a length.
            if posix_fallocate(file, 0, size) == 0 { return size == Self.size }
            // Releases what was allocated before the failure.
            ftruncate(file, status.st_size)
        }
        return present >= Self.size
    }
}

import Glibc
import Synchronization

/// Room on the disk beside a database, to be given up when the disk is full.
///
/// Deleting needs room too, because SQLite writes what changes to its log first. Without a reserve, a full disk could
/// not be cleared by the one thing that helps.
final class SQLiteReserve: Sendable {
    private struct State {
        var isWhole = false
        var lastAttempt: ContinuousClock.Instant?
    }

    /// Enough for the records of several hundred runs at once.
    static let size = 4 << 20
    /// Half of it, or less, is better than nothing.
    private static let sizes = [size, size / 2, size / 4, size / 8, size / 16]
    private static let pause = Duration.seconds(3)

    private let path: String
    private let state = Mutex(State())

    /// - Parameter path: of the file that takes up the room; not made yet.
    init(path: String) { self.path = path }

    /// Whether all of it is there.
    var isWhole: Bool { state.withLock { $0.isWhole } }

    /// Takes up as much of it as there is room for.
    func take() {
        let isWhole = isTakenUp()
        state.withLock { $0 = State(isWhole: isWhole, lastAttempt: .now) }
    }

    /// Takes up what is missing of it, but does not try that all the time.
    func takeIfDue() {
        let isDue = state.withLock { state in
            !state.isWhole && state.lastAttempt.map { .now - $0 >= Self.pause } ?? true
        }
        if isDue { take() }
    }

    /// Leaves the room to others.
    ///
    /// - Returns: false if there is none to leave.
    func giveUp() -> Bool {
        state.withLock { $0.isWhole = false }
        var status = stat()
        // Emptied and not removed: making a file may need room as well.
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
            // Blocks of the disk, not a length alone.
            if posix_fallocate(file, 0, size) == 0 { return size == Self.size }
            // What was got of it before it failed.
            ftruncate(file, status.st_size)
        }
        return present >= Self.size
    }
}

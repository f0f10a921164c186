/// One run in ``LiveRuns``, under its lock.
///
/// A reference, so that the indexes hold the run and not copies of it.
final class RunSlot {
    var entry: LiveRuns.Entry
    let host: HostSlot
    /// Nil until it is read for the first time.
    var document: RunDocument?
    /// The number of the last change that a reader could see.
    var version: Int

    init(_ entry: LiveRuns.Entry, on host: HostSlot, version: Int) {
        self.entry = entry
        self.host = host
        self.version = version
    }

    var run: Run { entry.run }
    var isStale: Bool { !host.isConnected }
}

/// What ``LiveRuns`` knows of a host.
final class HostSlot {
    var isConnected = false
    var runs = RunIndex()
    var running = 0
}

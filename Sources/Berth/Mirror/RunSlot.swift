/// One run in ``RunCache``, under its lock.
///
/// A reference, so that the indexes hold the run and not copies of it.
final class RunSlot {
    var entry: RunCache.Entry
    let host: HostSlot
    /// Nil until somebody looks at the run as it is now.
    var encoded: EncodedRun?
    /// The number of the last change that a reader could see.
    var version: Int

    init(_ entry: RunCache.Entry, on host: HostSlot, version: Int) {
        self.entry = entry
        self.host = host
        self.version = version
    }

    var run: Run { entry.run }
    var isStale: Bool { !host.isConnected }
}

/// What ``RunCache`` knows of a host.
final class HostSlot {
    var isConnected = false
    var runs = RunIndex()
    var running = 0
}

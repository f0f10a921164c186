/// One run in ``RunCache``, under its lock.
///
/// A reference, so that the indexes hold the run and not copies of it.
final class RunSlot {
    var entry: RunCache.Entry
    let host: HostSlot
    /// Nil until the current state of the run is read.
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

/// The state of a host in ``RunCache``.
final class HostSlot {
    var isConnected = false
    var runs = RunIndex()
    var running = 0
}

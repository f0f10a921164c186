import DockerEngine
import Synchronization

/// The progress of a pull for one reader: the latest line of each layer that it has not read yet.
///
/// Its memory does not depend on how fast the reader is.
final class PullReport: Sendable {
    private struct State {
        /// The layers with an unread line, the longest unread first; nil stands for the image itself.
        var layers: [String?] = []
        var unread: [String?: PullProgress] = [:]
        var isEnded = false
    }

    private let state = Mutex(State())
    private let changed = Wakeup()
    private let ended = Wakeup()

    /// No image has that many layers.
    private static let maximumLayers = 1000

    func record(_ line: PullProgress) {
        state.withLock { state in
            guard state.unread[line.layer] == nil else {
                state.unread[line.layer] = line
                return
            }
            guard state.layers.count < Self.maximumLayers else { return }
            state.unread[line.layer] = line
            state.layers.append(line.layer)
        }
        changed.send()
    }

    /// The pull has ended; the lines that are still unread can be read.
    func end() {
        state.withLock { $0.isEnded = true }
        changed.send()
        ended.send()
    }

    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// At most `limit` unread lines, or all of them after the end; waits for some, and returns nil after the last ones.
    ///
    /// Only one task may wait at a time.
    ///
    /// - Throws: `CancellationError`.
    func next(atMost limit: Int) async throws -> [PullProgress]? {
        while true {
            try Task.checkCancellation()
            let (lines, isEnded) = state.withLock { state in
                let layers = state.layers.prefix(state.isEnded ? .max : limit)
                state.layers.removeFirst(layers.count)
                return (layers.compactMap { state.unread.removeValue(forKey: $0) }, state.isEnded)
            }
            if !lines.isEmpty { return lines }
            if isEnded { return nil }
            await changed.wait()
        }
    }

    /// Waits for a line or the end, and takes nothing.
    ///
    /// - Returns: whether there is a line.
    /// - Throws: `CancellationError`.
    func waitForFirst() async throws -> Bool {
        while true {
            let (hasLine, isEnded) = state.withLock { (!$0.layers.isEmpty, $0.isEnded) }
            if hasLine || isEnded { return hasLine }
            await changed.wait()
            try Task.checkCancellation()
        }
    }

    /// Returns at the end, at the latest after `limit`.
    func waitForEnd(atMost limit: Duration) async {
        if !isEnded { await ended.wait(atMost: limit) }
    }
}

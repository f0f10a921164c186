package import DockerEngine
import NIOCore
import Synchronization

/// What the reader of a session receives.
package enum ExecItem: Sendable, Equatable {
    /// - Parameter number: counts from 1.
    case output(LogChunk, number: Int)
    /// The output after the reader's position is no longer there.
    case gap
    case end(ExecEnd)
}

/// How a session ended.
package enum ExecEnd: Sendable, Equatable {
    case exited(Int)
    case failed(BerthError)
    /// It was ended before its command.
    case detached
}

/// The output of one session, for one reader at a time.
///
/// What the reader has received stays for a while, for a reader that resumes. When the reader falls behind, the command
/// waits, so that no output is lost.
final class ExecOutput: Sendable {
    private struct State {
        var chunks: [LogChunk] = []
        /// How many chunks are no longer there.
        var dropped = 0
        var size = 0
        /// How many chunks a reader has received, and the size of the others.
        var delivered = 0
        var pending = 0
        var end: ExecEnd?
        var reader: Wakeup?
        /// When the last reader left; nil while there is one.
        var leftAt: ContinuousClock.Instant? = .now
    }

    /// How much stays for a reader that resumes, and how much may wait for the reader, in bytes.
    private static let kept = 1 << 20
    private static let maximumPending = 256 << 10
    /// How much one read returns.
    private static let batch = 64
    private static let heartbeat = Duration.seconds(15)

    private let state = Mutex(State())
    private let room = Wakeup()

    /// Adds output when the reader is no longer far behind.
    ///
    /// - Throws: `CancellationError`.
    func append(_ chunk: LogChunk) async throws {
        while state.withLock({ $0.pending >= Self.maximumPending }) {
            try Task.checkCancellation()
            await room.wait()
        }
        let chunk = chunk.copied
        let reader = state.withLock { state in
            state.chunks.append(chunk)
            state.size += chunk.size
            state.pending += chunk.size
            Self.dropDelivered(&state)
            return state.reader
        }
        reader?.send()
    }

    /// Removes half of what is kept at once, so that removing from the front costs little per chunk.
    private static func dropDelivered(_ state: inout State) {
        guard state.size - state.pending > kept else { return }
        var count = 0
        while state.dropped + count < state.delivered, state.size - state.pending > kept / 2 {
            state.size -= state.chunks[count].size
            count += 1
        }
        state.chunks.removeFirst(count)
        state.dropped += count
    }

    func finish(_ end: ExecEnd) {
        state.withLock { state in
            state.end = end
            return state.reader
        }?.send()
    }

    var end: ExecEnd? { state.withLock { $0.end } }

    /// When the last reader left; nil while there is one.
    var leftAt: ContinuousClock.Instant? { state.withLock { $0.leftAt } }

    /// Passes the output to `send` until its end, or until another reader comes; without new output an empty list from
    /// time to time.
    ///
    /// - Parameter position: the number of the last chunk that the reader has; nil if it has none.
    func read(after position: Int?, _ send: ([ExecItem]) async throws -> Void) async throws {
        let wakeup = Wakeup()
        attach(wakeup)
        defer { detach(wakeup) }
        var position = position ?? 0
        var pause = ContinuousClock.now + Self.heartbeat
        while let items = news(after: &position, for: wakeup) {
            if !items.isEmpty || pause <= .now {
                try await send(items)
                if case .end = items.last { return }
                pause = .now + Self.heartbeat
            } else {
                await wakeup.wait(atMost: pause - .now)
            }
            try Task.checkCancellation()
        }
    }

    private func attach(_ wakeup: Wakeup) {
        state.withLock { state in
            defer { state.reader = wakeup }
            state.leftAt = nil
            return state.reader
        }?.send()
    }

    private func detach(_ wakeup: Wakeup) {
        state.withLock { state in
            guard state.reader === wakeup else { return }
            state.reader = nil
            state.leftAt = .now
        }
    }

    /// The next items; nil if another reader has come.
    ///
    /// What was returned before counts as received.
    private func news(after position: inout Int, for reader: Wakeup) -> [ExecItem]? {
        let items = state.withLock { state -> [ExecItem]? in
            guard state.reader === reader else { return nil }
            let last = state.dropped + state.chunks.count
            // A position that was never there.
            position = min(max(position, 0), last)
            var items: [ExecItem] = []
            if position < state.dropped {
                position = state.dropped
                items.append(.gap)
            }
            while state.delivered < position {
                state.pending -= state.chunks[state.delivered - state.dropped].size
                state.delivered += 1
            }
            while position < last, items.count < Self.batch {
                items.append(.output(state.chunks[position - state.dropped], number: position + 1))
                position += 1
            }
            if position == last, let end = state.end { items.append(.end(end)) }
            return items
        }
        room.send()
        return items
    }
}

extension LogChunk {
    /// A copy with a buffer of its own: received bytes share a buffer that may be a thousand times as large.
    fileprivate var copied: LogChunk {
        let bytes = ByteBuffer(bytes: bytes.readableBytesView)
        return LogChunk(stream: stream, bytes: bytes, isFramed: isFramed, endsFrame: endsFrame)
    }

    /// The memory that it takes, roughly.
    fileprivate var size: Int { bytes.readableBytes + 64 }
}

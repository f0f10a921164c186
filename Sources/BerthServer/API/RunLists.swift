import Berth
import NIOCore
import Synchronization

/// Responses with lists of runs, assembled from the encoded runs and cached until a run changes.
final class RunLists: Sendable {
    struct Answer: Sendable {
        let body: ByteBuffer
        /// A weak entity tag: it does not cover when the runs were last observed.
        let tag: String
        fileprivate let version: Int
    }

    private struct Question: Hashable {
        var filter: RunFilter
        var position: RunPosition?
        /// Nil for the short form.
        var limit: Int?
    }

    private let runs: RunCache
    private let kept = Mutex<[Question: Answer]>([:])

    /// The size limit of the cache, in bytes.
    private static let room = 16 << 20
    private static let maximumCount = 1000

    init(_ runs: RunCache) { self.runs = runs }

    /// All runs in the scope in the short form, only those of `app` unless it is nil.
    func containers(of app: AppName?, in scope: AppScope) -> Answer {
        var filter = RunFilter(in: scope)
        filter.app = app
        return answer(to: Question(filter: filter)) { [runs] in
            let page = runs.everything(of: app, in: scope)
            return Answer(page, size: \.encoded.short.count) { body in
                body.writeInteger(UInt8(ascii: "["))
                body.write(page.runs) { $0.writeBytes($1.encoded.short) }
                body.writeStaticString("]\n")
            }
        }
    }

    /// A page of runs in the full form.
    func page(_ filter: RunFilter, before position: RunPosition?, limit: Int) -> Answer {
        answer(to: Question(filter: filter, position: position, limit: limit)) { [runs] in
            let page = runs.page(filter, before: position, limit: limit)
            return Answer(page, size: \.encoded.full.count) { body in
                body.writeStaticString(#"{"items":["#)
                body.write(page.runs) { $0.write($1) }
                if let next = page.next {
                    body.writeString(#"],"next_cursor":"\#(next.cursor)"}"# + "\n")
                } else {
                    body.writeStaticString("],\"next_cursor\":null}\n")
                }
            }
        }
    }

    private func answer(to question: Question, _ make: () -> Answer) -> Answer {
        let version = runs.version
        if let answer = kept.withLock({ $0[question] }), answer.version == version { return answer }
        let answer = make()
        kept.withLock { kept in
            let present = kept.values.reduce(0) { $0 + $1.body.readableBytes }
            if present + answer.body.readableBytes > Self.room || kept.count >= Self.maximumCount { kept = [:] }
            if answer.body.readableBytes <= Self.room { kept[question] = answer }
        }
        return answer
    }
}

extension RunLists.Answer {
    /// - Parameter size: the size of a run in the form that is written.
    fileprivate init(_ page: RunPage, size: (RunView) -> Int, _ write: (inout ByteBuffer) -> Void) {
        var body = ByteBuffer()
        body.reserveCapacity(page.runs.reduce(64) { $0 + size($1) + 64 })
        write(&body)
        self.init(body: body, tag: String(UInt(bitPattern: page.tag), radix: 16), version: page.version)
    }
}

import Hummingbird
import NIOCore

/// A request's body that sends `100 Continue` when it is first read: RFC 9110, section 10.1.1.
///
/// So the client does not send the body of a request that is refused without reading it.
struct ContinuedBody: AsyncSequence, Sendable {
    let body: RequestBody
    let channel: any Channel

    func makeAsyncIterator() -> Iterator { Iterator(bytes: body.makeAsyncIterator(), channel: channel) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var bytes: RequestBody.AsyncIterator
        fileprivate let channel: any Channel
        fileprivate var isAskedFor = false

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            if !isAskedFor {
                isAskedFor = true
                try await channel.triggerUserOutboundEvent(HTTP1ConnectionHandler.SendContinue())
            }
            return try await bytes.next(isolation: actor)
        }
    }
}

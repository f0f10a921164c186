import AsyncHTTPClient
import NIOCore

/// The elements of a long response, in order.
///
/// The request ends when the reader stops.
///
/// - Throws: while it is read, `EngineError`, or `CancellationError` when the reading task was cancelled.
package struct EngineStream<Decoder: StreamDecoder>: AsyncSequence, Sendable {
    package typealias Element = Decoder.Element

    let body: HTTPClientResponse.Body
    let decoder: Decoder
    let place: ConnectionBudget.Place

    package func makeAsyncIterator() -> Iterator {
        Iterator(bytes: body.makeAsyncIterator(), decoder: decoder, place: place)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var bytes: HTTPClientResponse.Body.AsyncIterator
        fileprivate var decoder: Decoder
        fileprivate let place: ConnectionBudget.Place

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Decoder.Element? {
            while true {
                if let element = try decoder.next() { return element }
                guard let chunk = try await nextChunk(isolation: actor) else {
                    try Task.checkCancellation()
                    try decoder.finish()
                    return nil
                }
                decoder.append(chunk)
            }
        }

        private mutating func nextChunk(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            do {
                return try await bytes.next(isolation: actor)
            } catch {
                throw engineError(from: error)
            }
        }
    }
}

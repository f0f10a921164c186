import AsyncHTTPClient
import NIOCore

/// The server's events, in order; the request ends when the reader stops.
package struct APIEvents: AsyncSequence, Sendable {
    package typealias Element = APIEvent

    let address: APIAddress
    let body: HTTPClientResponse.Body

    package func makeAsyncIterator() -> Iterator {
        Iterator(address: address, bytes: body.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        let address: APIAddress
        var bytes: HTTPClientResponse.Body.AsyncIterator
        var decoder = APIEventDecoder()

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> APIEvent? {
            while true {
                if let event = try decoder.next() { return event }
                guard let chunk = try await nextChunk(isolation: actor) else {
                    try Task.checkCancellation()
                    return nil
                }
                decoder.append(chunk.readableBytesView)
            }
        }

        private mutating func nextChunk(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            do {
                return try await bytes.next(isolation: actor)
            } catch {
                throw apiError(from: error, at: address)
            }
        }
    }
}

package import NIOCore

/// Decodes the bytes of a long response into elements, independent of how the network split them.
///
/// Pure: no I/O, no clock.
package protocol StreamDecoder: Sendable {
    associatedtype Element: Sendable

    /// Appends received bytes.
    mutating func append(_ bytes: ByteBuffer)
    /// The next complete element, or nil until more bytes have arrived.
    mutating func next() throws(EngineError) -> Element?
    /// Called at the end of the response, when ``next()`` has nothing left.
    func finish() throws(EngineError)
}

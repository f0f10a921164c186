package import NIOCore

/// Turns the bytes of a long answer into its elements, however the network has cut them.
///
/// Pure: no I/O, no clock.
package protocol StreamDecoder: Sendable {
    associatedtype Element: Sendable

    /// Takes in what has arrived.
    mutating func append(_ bytes: ByteBuffer)
    /// The next whole element, or nil until more has arrived.
    mutating func next() throws(EngineError) -> Element?
    /// Called at the end of the answer, when ``next()`` has nothing left.
    func finish() throws(EngineError)
}

/// An answer of the server's that is no error.
package struct APIAnswer<Value: Sendable>: Sendable {
    package let value: Value
    /// Where its time went; nil where the answer does not say.
    package let times: LayerTimes?
}

/// A successful response of the server.
package struct APIAnswer<Value: Sendable>: Sendable {
    package let value: Value
    /// The time spent in each layer; nil if the response does not say.
    package let times: LayerTimes?
}

import Berth
import Hummingbird
import Logging
import NIOCore

/// What is known about a request in addition to the request itself.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection that delivered it.
    let channel: any Channel
    /// The body as it comes from the connection; nil outside of a route.
    var receivedBody: RequestBody?
    /// The client's own id, if it sent a valid one.
    var requestID: String
    /// The span that measures it.
    var span = RequestSpan.noRequest
    /// Whether its client connected by TLS, to this server or to a trusted proxy.
    var isSecure = false
    /// The client's address, or what a trusted proxy says that it is; nil on a Unix socket.
    var client: IPAddress?
    /// Its sender, as ``Access`` has found.
    var principal = Principal.anonymous
    /// The operation that it requests, if it has an `Idempotency-Key` and so may be repeated.
    var operation: IdempotentRequest?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        requestID = ""
        client = channel.remoteAddress.flatMap { IPAddress($0) }
    }

    /// The client's IP address, or `unix`.
    var address: String { client?.description ?? "unix" }

    /// The sender, for changes.
    var caller: Caller { Caller(principal, operation: operation) }
}

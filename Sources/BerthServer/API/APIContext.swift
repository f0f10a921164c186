import Berth
import Hummingbird
import Logging
import NIOCore

/// What is known of a request beside the request.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection on which it came.
    let channel: any Channel
    /// The client's own, if it sent a sane one.
    var requestID: String
    /// What it is measured by.
    var span = RequestSpan.nobodys
    /// What it asks for, if it may be sent again under its `Idempotency-Key`.
    var operation: IdempotentRequest?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        requestID = ""
    }

    /// Who sent it.
    var caller: Caller { Caller(name: Self.localName, operation: operation) }

    /// Stands for whoever is on this machine, until there are users.
    private static let localName = "local"
}

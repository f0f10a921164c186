import Hummingbird
import Logging

/// What is known of a request beside the request.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's own, if it sent a sane one.
    var requestID: String

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = ""
    }
}

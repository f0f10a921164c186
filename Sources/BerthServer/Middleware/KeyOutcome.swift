/// The state of an idempotency key after its request.
enum KeyOutcome: Equatable {
    /// The response is stored; a repetition gets the same one.
    case answered
    /// Nothing was changed: the key may be used for another request.
    case free
    /// The result is unknown or temporary: a repetition is executed, and resumes where this one ended.
    case open

    init(of status: Int, mayBeRetried: Bool, isRepeated: Bool) {
        self =
            switch status {
            case _ where mayBeRetried: .open
            case 200..<300, 404, 409, 412, 502: .answered
            // An earlier attempt may have changed something.
            case 400, 403, 413, 415, 422: isRepeated ? .open : .free
            default: .open
            }
    }
}

/// What becomes of a key once its request has been answered.
enum KeyOutcome: Equatable {
    /// A repetition is answered the same.
    case answered
    /// Nothing was done: the key may be used for another request.
    case free
    /// It is not known, or will be otherwise later: a repetition is carried out, and goes on where this one ended.
    case open

    init(of status: Int, mayBeRetried: Bool, isRepeated: Bool) {
        self =
            switch status {
            case _ where mayBeRetried: .open
            case 200..<300, 404, 409, 412, 502: .answered
            // An earlier attempt may have done something.
            case 400, 413, 415, 422: isRepeated ? .open : .free
            default: .open
            }
    }
}

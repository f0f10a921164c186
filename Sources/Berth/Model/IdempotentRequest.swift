/// A request that may be sent several times but is performed once.
///
/// Everything that it creates carries its id, so that a repetition finds it.
package struct IdempotentRequest: Sendable, Equatable {
    package let id: String
    /// Whether an earlier attempt may have performed a part of it.
    package let isRepeated: Bool
}

/// The sender of a request.
package struct Caller: Sendable, Equatable {
    package let name: String
    /// Nil for a request that is never repeated.
    package let operation: IdempotentRequest?

    package init(name: String, operation: IdempotentRequest? = nil) {
        self.name = name
        self.operation = operation
    }
}

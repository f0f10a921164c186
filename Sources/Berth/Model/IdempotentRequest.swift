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
    package let principal: Principal
    /// Nil for a request that is never repeated.
    package let operation: IdempotentRequest?

    package init(_ principal: Principal, operation: IdempotentRequest? = nil) {
        self.principal = principal
        self.operation = operation
    }

    package var name: String { principal.name }
}

/// What one request asks for, however often it is sent.
///
/// What it brings about carries its id, so that a repetition finds it.
package struct IdempotentRequest: Sendable, Equatable {
    package let id: String
    /// Whether an earlier attempt may have brought some of it about.
    package let isRepeated: Bool

    package init(id: String, isRepeated: Bool) {
        self.id = id
        self.isRepeated = isRepeated
    }
}

/// Who asks for something.
package struct Caller: Sendable, Equatable {
    package let name: String
    /// Nil for a request that is never repeated.
    package let operation: IdempotentRequest?

    package init(name: String, operation: IdempotentRequest? = nil) {
        self.name = name
        self.operation = operation
    }
}

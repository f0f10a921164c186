/// One error in one field of a body.
package struct FieldError: Sendable, Equatable {
    /// The location of the field (RFC 6901).
    package var pointer: String
    /// What is wrong and how to correct it; never the value, which may be a secret.
    package var detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// All errors of a body, in the order found: never empty, and at most 50, followed by a notice that there are more.
package struct FieldErrors: Error, Sendable, Equatable {
    package private(set) var errors: [FieldError]

    static let limit = 50

    package init(_ detail: String, at pointer: JSONPointer) {
        errors = [FieldError(pointer: pointer.description, detail: detail)]
    }

    package mutating func append(_ more: FieldErrors) {
        guard errors.count <= Self.limit else { return }
        let room = Self.limit - errors.count
        errors += more.errors.prefix(room)
        guard more.errors.count > room else { return }
        errors.append(FieldError(pointer: "", detail: "there are more errors; correct the ones listed first"))
    }
}

extension FieldErrors? {
    /// Appends errors to those found so far.
    package mutating func append(_ more: FieldErrors) {
        if self?.append(more) == nil { self = more }
    }

    /// Runs `read`; if it throws, adds its errors and returns nil.
    package mutating func collect<Value>(_ read: () throws(FieldErrors) -> Value) -> Value? {
        do throws(FieldErrors) {
            return try read()
        } catch {
            append(error)
            return nil
        }
    }

    package func check() throws(FieldErrors) {
        if let self { throw self }
    }
}

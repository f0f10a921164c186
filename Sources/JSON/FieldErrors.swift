/// One thing wrong with one field of a body.
package struct FieldError: Sendable, Equatable {
    /// Where it is (RFC 6901).
    package var pointer: String
    /// What is wrong and what to do about it; never the value, which may be a secret.
    package var detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// All that is wrong with a body, in the order found: never empty, and past 50 only that there is more.
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
    /// Adds to what has been found so far.
    package mutating func append(_ more: FieldErrors) {
        if self?.append(more) == nil { self = more }
    }

    /// Runs `read`; where that throws, adds its errors and returns nil.
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

/// One thing wrong with one field of a body.
package struct FieldFault: Sendable, Equatable {
    /// Where it is (RFC 6901).
    package let pointer: String
    /// What is wrong and what to do about it; never the value, which may be a secret.
    package let detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// All that is wrong with a body, in the order found: never empty, and past 50 only that there is more.
package struct FieldFaults: Error, Sendable, Equatable {
    package private(set) var faults: [FieldFault]

    static let limit = 50

    package init(_ detail: String, at pointer: JSONPointer) {
        faults = [FieldFault(pointer: pointer.description, detail: detail)]
    }

    package mutating func append(_ more: FieldFaults) {
        guard faults.count <= Self.limit else { return }
        let room = Self.limit - faults.count
        faults += more.faults.prefix(room)
        guard more.faults.count > room else { return }
        faults.append(FieldFault(pointer: "", detail: "there are more faults; correct the ones listed first"))
    }
}

extension FieldFaults? {
    /// Adds to what has been found so far.
    package mutating func append(_ more: FieldFaults) {
        if self?.append(more) == nil { self = more }
    }

    /// Runs `read`; where that throws, adds its faults and returns nil.
    package mutating func collect<Value>(_ read: () throws(FieldFaults) -> Value) -> Value? {
        do throws(FieldFaults) {
            return try read()
        } catch {
            append(error)
            return nil
        }
    }

    package func check() throws(FieldFaults) {
        if let self { throw self }
    }
}

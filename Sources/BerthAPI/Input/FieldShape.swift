/// What a field has to look like, and what it is read as.
package struct FieldShape<Value> {
    /// Reads the value found at a place, or throws all that is wrong with it.
    package let read: (JSONValue, JSONPointer) throws(FieldFaults) -> Value

    package init(read: @escaping (JSONValue, JSONPointer) throws(FieldFaults) -> Value) {
        self.read = read
    }

    /// This shape made into something narrower; where `make` throws, `detail` words the fault.
    package func map<Made, Failure: Error>(
        _ make: @escaping (Value) throws(Failure) -> Made,
        detail: @escaping (Failure) -> String
    ) -> FieldShape<Made> {
        FieldShape<Made> { value, pointer throws(FieldFaults) in
            let plain = try read(value, pointer)
            do throws(Failure) {
                return try make(plain)
            } catch {
                throw FieldFaults(detail(error), at: pointer)
            }
        }
    }

    /// An object of its own; `readFields` ends with the reader's `finish`.
    package static func object(
        _ readFields: @escaping (inout ObjectReader) throws(FieldFaults) -> Value
    ) -> FieldShape {
        FieldShape { value, pointer throws(FieldFaults) in
            var reader = ObjectReader(value, at: pointer)
            return try readFields(&reader)
        }
    }

    /// An array whose elements all have the shape `element`.
    package static func list<Element>(
        of element: FieldShape<Element>,
        count: ClosedRange<Int> = 0...10_000
    ) -> FieldShape where Value == [Element] {
        FieldShape { value, pointer throws(FieldFaults) in
            guard case .array(let values) = value else { throw .wrongKind(value, wanted: "an array", at: pointer) }
            guard count ~= values.count else {
                throw FieldFaults("must have \(count.lowerBound) to \(count.upperBound) elements", at: pointer)
            }
            var faults: FieldFaults?
            var elements: [Element] = []
            for (index, value) in values.enumerated() {
                let place = pointer.element(index)
                let read = faults.collect { () throws(FieldFaults) in try element.read(value, place) }
                if let read { elements.append(read) }
            }
            try faults.check()
            return elements
        }
    }
}

extension FieldFaults {
    package static func wrongKind(_ found: JSONValue, wanted: String, at pointer: JSONPointer) -> FieldFaults {
        FieldFaults("must be \(wanted), not \(found.kind)", at: pointer)
    }
}

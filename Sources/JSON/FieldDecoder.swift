/// A decoder of one field: its valid values as a function and as a schema.
package struct FieldDecoder<Value>: Sendable {
    /// Decodes the value found at a location, or throws all its errors.
    package let read: @Sendable (JSONValue, JSONPointer) throws(FieldErrors) -> Value
    private let makeSchema: @Sendable () -> JSONValue
    private let makeEncodedSchema: @Sendable () -> JSONValue

    package init(
        schema: @escaping @autoclosure @Sendable () -> JSONValue,
        read: @escaping @Sendable (JSONValue, JSONPointer) throws(FieldErrors) -> Value
    ) {
        self.read = read
        makeSchema = schema
        makeEncodedSchema = schema
    }

    /// - Parameter encodedSchema: that of the one form in which values are encoded, where `schema` accepts several forms.
    package init(
        schema: @escaping @autoclosure @Sendable () -> JSONValue,
        encodedSchema: @escaping @autoclosure @Sendable () -> JSONValue,
        read: @escaping @Sendable (JSONValue, JSONPointer) throws(FieldErrors) -> Value
    ) {
        self.read = read
        makeSchema = schema
        makeEncodedSchema = encodedSchema
    }

    /// The accepted values, as a JSON Schema (2020-12).
    package var schema: JSONValue { makeSchema() }
    /// The values as they are encoded, as a JSON Schema (2020-12).
    package var encodedSchema: JSONValue { makeEncodedSchema() }

    /// A decoder that converts the value further; if `make` throws, `detail` words the error.
    package func map<Made, Failure: Error>(
        _ make: @escaping @Sendable (Value) throws(Failure) -> Made,
        detail: @escaping @Sendable (Failure) -> String
    ) -> FieldDecoder<Made> {
        FieldDecoder<Made>(schema: makeSchema(), encodedSchema: makeEncodedSchema()) {
            value,
            pointer throws(FieldErrors) in
            let plain = try read(value, pointer)
            do throws(Failure) {
                return try make(plain)
            } catch {
                throw FieldErrors(detail(error), at: pointer)
            }
        }
    }

    package func map<Made>(_ make: @escaping @Sendable (Value) -> Made) -> FieldDecoder<Made> {
        FieldDecoder<Made>(schema: makeSchema(), encodedSchema: makeEncodedSchema()) {
            value,
            pointer throws(FieldErrors) in
            make(try read(value, pointer))
        }
    }

    /// A decoder of an object; `readFields` must end with the reader's `finish`.
    package static func object(
        _ readFields: @escaping @Sendable (inout ObjectReader) throws(FieldErrors) -> Value
    ) -> FieldDecoder {
        FieldDecoder(
            schema: ObjectReader.schema { reader in _ = try? readFields(&reader) },
            encodedSchema: ObjectReader.schema(isEncoded: true) { reader in _ = try? readFields(&reader) }
        ) {
            value,
            pointer throws(FieldErrors) in
            var reader = ObjectReader(value, at: pointer)
            return try readFields(&reader)
        }
    }

    /// A decoder of an array whose elements `element` decodes.
    package static func list<Element>(
        of element: FieldDecoder<Element>,
        count: ClosedRange<Int> = 0...10_000
    ) -> FieldDecoder where Value == [Element] {
        @Sendable func schema(_ element: JSONValue) -> JSONValue {
            [
                "type": "array", "items": element, "minItems": JSONValue(count.lowerBound),
                "maxItems": JSONValue(count.upperBound),
            ]
        }
        return FieldDecoder(schema: schema(element.schema), encodedSchema: schema(element.encodedSchema)) {
            value,
            pointer throws(FieldErrors) in
            guard case .array(let values) = value else { throw .wrongKind(value, wanted: "an array", at: pointer) }
            guard count ~= values.count else {
                throw FieldErrors("must have \(count.lowerBound) to \(count.upperBound) elements", at: pointer)
            }
            var errors: FieldErrors?
            var elements: [Element] = []
            for (index, value) in values.enumerated() {
                let place = pointer.element(index)
                let read = errors.collect { () throws(FieldErrors) in try element.read(value, place) }
                if let read { elements.append(read) }
            }
            try errors.check()
            return elements
        }
    }

}

extension FieldErrors {
    package static func wrongKind(_ found: JSONValue, wanted: String, at pointer: JSONPointer) -> FieldErrors {
        FieldErrors("must be \(wanted), not \(found.kind)", at: pointer)
    }
}

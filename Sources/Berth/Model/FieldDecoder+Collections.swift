import JSON

// Collections whose entries must be unique.
extension FieldDecoder {
    /// An array whose elements are added one by one; an element that `add` rejects gets an error of its own.
    static func collection<Element>(
        _ empty: Value,
        of element: FieldDecoder<Element>,
        add: @escaping @Sendable (inout Value, Element) throws(InvalidValue) -> Void
    ) -> FieldDecoder where Value: Sendable {
        FieldDecoder(
            schema: ["type": "array", "items": element.schema],
            encodedSchema: { ["type": "array", "items": element.encodedSchema] }
        ) { value, pointer throws(FieldErrors) in
            guard case .array(let elements) = value else { throw .wrongKind(value, wanted: "an array", at: pointer) }
            var collection = empty
            var errors: FieldErrors?
            for (index, value) in elements.enumerated() {
                let place = pointer.element(index)
                errors.collect { () throws(FieldErrors) in
                    let element = try element.read(value, place)
                    do throws(InvalidValue) {
                        try add(&collection, element)
                    } catch {
                        throw FieldErrors(error.message, at: place)
                    }
                }
            }
            try errors.check()
            return collection
        }
    }

    /// Texts with names; an entry that `make` rejects gets an error of its own.
    static func named<Entry>(
        _ empty: Value,
        make: @escaping @Sendable (String, String) throws(InvalidValue) -> Entry,
        add: @escaping @Sendable (inout Value, Entry) throws(InvalidValue) -> Void
    ) -> FieldDecoder where Value: Sendable {
        let texts = FieldDecoder<[NamedString]>.namedStrings { entry in
            do throws(InvalidValue) {
                _ = try make(entry.name, entry.value)
                return nil
            } catch {
                return error.message
            }
        }
        return texts.map(
            { texts throws(InvalidValue) in
                var collection = empty
                for text in texts { try add(&collection, make(text.name, text.value)) }
                return collection
            },
            detail: \.message
        )
    }
}

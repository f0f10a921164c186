/// A value whose JSON object is defined once, for encoding and decoding.
package protocol JSONRecord: JSONRepresentable, Equatable {
    /// A record with empty fields, which a reader then fills.
    init()
    /// In the order of the output.
    static var fields: [JSONField<Self>] { get }
    /// The record's name in documents.
    static var title: String { get }
}

extension JSONRecord {
    package var json: JSONValue { json(of: Self.fields) }

    /// An object with these fields only.
    package func json(of fields: [JSONField<Self>]) -> JSONValue {
        var object = JSONObject()
        for field in fields { field.write(self, &object) }
        return .object(object)
    }

    /// Decodes an object; unknown members are ignored, because they may come from a newer version.
    ///
    /// - Throws: `FieldErrors` with all errors.
    package init(_ json: JSONValue, at pointer: JSONPointer = .root) throws(FieldErrors) {
        self.init()
        guard case .object(let object) = json else { throw .wrongKind(json, wanted: "an object", at: pointer) }
        var errors: FieldErrors?
        for field in Self.fields {
            _ = errors.collect { () throws(FieldErrors) in try field.read(object, pointer, &self) }
        }
        try errors.check()
    }

    package static var decoder: FieldDecoder<Self> {
        FieldDecoder(schema: schema) { json, pointer throws(FieldErrors) in try Self(json, at: pointer) }
    }

    /// From the type's name: "Run" for `RunJSON`.
    package static var title: String { String(describing: Self.self).replacing("JSON", with: "") }

    private static var schema: JSONValue {
        var properties = JSONObject()
        var required: [JSONValue] = []
        for field in fields {
            guard let name = field.name else { continue }
            properties.set(name, to: field.makeSchema())
            if field.isRequired { required.append(.string(name)) }
        }
        return [
            "title": .string(title), "type": "object", "properties": .object(properties), "required": .array(required),
        ]
    }
}

/// One field of a ``JSONRecord``: its name, its key path, and its encoding and decoding.
package struct JSONField<Record>: Sendable {
    /// Nil for the field that takes all remaining members.
    package let name: String?
    /// Whether every object has it.
    let isRequired: Bool
    let makeSchema: @Sendable () -> JSONValue
    let write: @Sendable (Record, inout JSONObject) -> Void
    let read: @Sendable (JSONObject, JSONPointer, inout Record) throws(FieldErrors) -> Void

    /// A field that is always present.
    package init<Value: JSONRepresentable>(
        _ name: String,
        _ place: any WritableKeyPath<Record, Value> & Sendable,
        _ decoder: FieldDecoder<Value>
    ) {
        self.name = name
        isRequired = true
        makeSchema = { decoder.encodedSchema }
        write = { $1.set(name, to: $0[keyPath: place].json) }
        read = { object, pointer, record throws(FieldErrors) in
            guard let value = object[name] else { throw FieldErrors("is missing", at: pointer.member(name)) }
            record[keyPath: place] = try decoder.read(value, pointer.member(name))
        }
    }

    /// A field that is null without a value, or omitted if `isOmitted`.
    package init<Value: JSONRepresentable>(
        _ name: String,
        _ place: any WritableKeyPath<Record, Value?> & Sendable,
        _ decoder: FieldDecoder<Value>,
        isOmitted: Bool = false
    ) {
        self.name = name
        isRequired = !isOmitted
        makeSchema = { isOmitted ? decoder.encodedSchema : decoder.encodedSchema.orNull }
        write = { record, object in
            let value = record[keyPath: place]
            if value != nil || !isOmitted { object.set(name, to: value.json) }
        }
        read = { object, pointer, record throws(FieldErrors) in
            guard let value = object[name], value != .null else { return }
            record[keyPath: place] = try decoder.read(value, pointer.member(name))
        }
    }

    /// A field that is derived from others, and that a reader ignores.
    package init(
        _ name: String,
        schema: @escaping @autoclosure @Sendable () -> JSONValue,
        _ value: @escaping @Sendable (Record) -> JSONValue
    ) {
        self.name = name
        isRequired = true
        makeSchema = schema
        write = { $1.set(name, to: value($0)) }
        read = { _, _, _ throws(FieldErrors) in }
    }
}

extension JSONField where Record: JSONRecord {
    /// All members that no other field has.
    package init(rest place: any WritableKeyPath<Record, JSONObject> & Sendable) {
        name = nil
        isRequired = false
        makeSchema = { [:] }
        write = { $1.append($0[keyPath: place]) }
        read = { object, _, record throws(FieldErrors) in
            let others = Set(Record.fields.compactMap(\.name))
            var rest = JSONObject()
            for member in object.members where !others.contains(member.name) { rest.set(member.name, to: member.value) }
            record[keyPath: place] = rest
        }
    }
}

/// Reads an object field by field and reports all errors at once.
///
///     var body = ObjectReader(json)
///     let count = body.optional("count", .integer(in: 1...100)) ?? 1
///     let (name, image) = try body.finish(
///         body.required("name", .string(length: 1...40)),
///         body.required("image", .string())
///     )
///
/// The requested names are the known fields; any other field is an error.
package struct ObjectReader {
    private let object: JSONObject?
    private let pointer: JSONPointer
    private var known: [String] = []
    private var errors: FieldErrors?
    /// Alternative names of fields, for suggestions of the known ones.
    private var aliases: [ExactText: String] = [:]
    /// The requested fields; only recorded if this reader describes an object rather than reads one.
    private var description: (fields: JSONObject, required: [JSONValue])?

    package init(_ value: JSONValue, at pointer: JSONPointer = .root) {
        self.pointer = pointer
        if case .object(let object) = value {
            self.object = object
        } else {
            object = nil
            errors = FieldErrors("must be an object, not \(value.kind)", at: pointer)
        }
    }

    /// The JSON Schema of an object that `readFields` reads.
    package static func schema(_ readFields: (inout ObjectReader) -> Void) -> JSONValue {
        var reader = ObjectReader([:])
        reader.description = (JSONObject(), [])
        readFields(&reader)
        guard let description = reader.description else { return [:] }
        return [
            "type": "object", "properties": .object(description.fields), "required": .array(description.required),
            "additionalProperties": false,
        ]
    }

    /// The field, or nil with an error if it is missing or invalid.
    package mutating func required<Value>(_ name: String, _ decoder: FieldDecoder<Value>) -> Value? {
        known.append(name)
        description?.fields.set(name, to: decoder.schema)
        description?.required.append(.string(name))
        guard let object else { return nil }
        guard let value = object[name] else {
            reject(name, "is required")
            return nil
        }
        return read(name, value, decoder)
    }

    /// The field, or nil if it is missing, null or invalid; only the last is an error.
    package mutating func optional<Value>(_ name: String, _ decoder: FieldDecoder<Value>) -> Value? {
        known.append(name)
        description?.fields.set(name, to: decoder.schema)
        guard let value = object?[name], value != .null else { return nil }
        return read(name, value, decoder)
    }

    /// Adds an error that only the caller can detect, such as two fields that exclude each other.
    package mutating func reject(_ name: String, _ detail: String) {
        errors.append(FieldErrors(detail, at: pointer.member(name)))
    }

    /// Whether there was an error so far.
    package var hasErrors: Bool { errors != nil }

    /// Accepts the field and ignores its value.
    package mutating func pass(over name: String) { known.append(name) }

    /// Suggests a known field for alternative names.
    package mutating func suggest(_ name: String, for others: [String]) {
        for other in others { aliases[ExactText(other)] = name }
    }

    /// Throws all errors, including unknown fields, or returns `needed` with no nil in it.
    ///
    /// Request every other field before this call: `needed` is evaluated first, and then the known fields are complete.
    package mutating func finish<each Value>(
        _ needed: repeat (each Value)?
    ) throws(FieldErrors) -> (repeat each Value) {
        // Limited: comparing names is slow, and a body may have 100,000 of them.
        for name in unknownNames.prefix(FieldErrors.limit + 1) { reject(name, complaint(aboutUnknown: name)) }
        try errors.check()
        return (repeat try present(each needed))
    }

    private mutating func read<Value>(_ name: String, _ value: JSONValue, _ decoder: FieldDecoder<Value>) -> Value? {
        let place = pointer.member(name)
        return errors.collect { () throws(FieldErrors) in try decoder.read(value, place) }
    }

    private var unknownNames: some Sequence<String> {
        let known = Set(known.map(ExactText.init))
        return (object?.members ?? []).lazy.map(\.name).filter { !known.contains(ExactText($0)) }
    }

    private func complaint(aboutUnknown name: String) -> String {
        let complaint = "unknown field \(quoted(name))"
        if let meant = aliases[ExactText(name)] ?? closest(to: name, among: known) {
            return "\(complaint); did you mean \"\(meant)\"?"
        }
        return "\(complaint); the fields here are \(known.joined(separator: ", "))"
    }

    /// Handles nil without an error, which is an optional field that the caller requires after all.
    private func present<Value>(_ value: Value?) throws(FieldErrors) -> Value {
        guard let value else { throw FieldErrors("a required field is missing", at: pointer) }
        return value
    }
}

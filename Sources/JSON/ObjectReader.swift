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
    private var description: Description?

    private struct Description {
        /// Whether it describes encoded objects, which have all their fields, rather than accepted ones.
        let isEncoded: Bool
        var fields = JSONObject()
        var required: [JSONValue] = []
    }

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
    ///
    /// - Parameters:
    ///   - title: a name for the schema, if it is used in several places.
    ///   - isEncoded: whether the schema is that of encoded objects, which have all their fields.
    package static func schema(
        title: String? = nil,
        isEncoded: Bool = false,
        _ readFields: (inout ObjectReader) -> Void
    ) -> JSONValue {
        var reader = ObjectReader([:])
        reader.description = Description(isEncoded: isEncoded)
        readFields(&reader)
        guard let description = reader.description else { return [:] }
        var schema = JSONObject()
        if let title { schema.set("title", to: .string(title)) }
        schema.set("type", to: "object")
        schema.set("properties", to: .object(description.fields))
        if !description.required.isEmpty { schema.set("required", to: .array(description.required)) }
        if !isEncoded { schema.set("additionalProperties", to: false) }
        return .object(schema)
    }

    private mutating func describe(_ name: String, _ decoder: FieldDecoder<some Any>, isRequired: Bool) {
        guard let isEncoded = description?.isEncoded else { return }
        let schema = isEncoded ? decoder.encodedSchema : decoder.schema
        description?.fields.set(name, to: isRequired ? schema : schema.orNull)
        if isRequired || isEncoded { description?.required.append(.string(name)) }
    }

    /// The field, or nil with an error if it is missing or invalid.
    package mutating func required<Value>(_ name: String, _ decoder: FieldDecoder<Value>) -> Value? {
        known.append(name)
        describe(name, decoder, isRequired: true)
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
        describe(name, decoder, isRequired: false)
        guard let value = object?[name], value != .null else { return nil }
        return read(name, value, decoder)
    }

    /// The field, or `usual` if it is missing; nil if it is null or invalid, and only the latter is an error.
    package mutating func optional<Value>(_ name: String, _ decoder: FieldDecoder<Value>, usual: Value) -> Value? {
        let value = optional(name, decoder)
        return object?[name] == nil ? usual : value
    }

    /// Adds an error that only the caller can detect, such as two fields that exclude each other.
    package mutating func reject(_ name: String, _ detail: String) {
        errors.append(FieldErrors(detail, at: pointer.member(name)))
    }

    /// Whether there was an error so far.
    package var hasErrors: Bool { errors != nil }

    /// Accepts the field and ignores its value.
    package mutating func pass(over name: String) {
        known.append(name)
        description?.fields.set(name, to: [:])
    }

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

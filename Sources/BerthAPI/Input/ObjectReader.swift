/// Reads an object field by field and reports all that is wrong with it at once.
///
///     var body = ObjectReader(json)
///     let count = body.optional("count", .integer(in: 1...100)) ?? 1
///     let (name, image) = try body.finish(
///         body.required("name", .string(length: 1...40)),
///         body.required("image", .string())
///     )
///
/// The names that were asked for are the known ones, any other is a fault.
package struct ObjectReader {
    private let object: JSONObject?
    private let pointer: JSONPointer
    private var known: [String] = []
    private var faults: FieldFaults?

    package init(_ value: JSONValue, at pointer: JSONPointer = .root) {
        self.pointer = pointer
        if case .object(let object) = value {
            self.object = object
        } else {
            object = nil
            faults = FieldFaults("must be an object, not \(value.kind)", at: pointer)
        }
    }

    /// The field, or nil where it is missing or wrong, which is then a fault.
    package mutating func required<Value>(_ name: String, _ shape: FieldShape<Value>) -> Value? {
        known.append(name)
        guard let object else { return nil }
        guard let value = object[name] else {
            reject(name, "is required")
            return nil
        }
        return read(name, value, shape)
    }

    /// The field, or nil where it is missing, null or wrong; only the last is a fault.
    package mutating func optional<Value>(_ name: String, _ shape: FieldShape<Value>) -> Value? {
        known.append(name)
        guard let value = object?[name], value != .null else { return nil }
        return read(name, value, shape)
    }

    /// Adds a fault that only the caller can see, such as two fields that exclude each other.
    package mutating func reject(_ name: String, _ detail: String) {
        faults.append(FieldFaults(detail, at: pointer.member(name)))
    }

    /// Throws all faults found, unknown fields included, or returns `needed` with none of them nil any more.
    ///
    /// Ask for every other field before: `needed` is evaluated first, then what has been asked for is complete.
    package mutating func finish<each Value>(
        _ needed: repeat (each Value)?
    ) throws(FieldFaults) -> (repeat each Value) {
        // Cut early: comparing names is slow, and a body may have 100,000 of them.
        for name in unknownNames.prefix(FieldFaults.limit + 1) { reject(name, complaint(aboutUnknown: name)) }
        try faults.check()
        return (repeat try present(each needed))
    }

    private mutating func read<Value>(_ name: String, _ value: JSONValue, _ shape: FieldShape<Value>) -> Value? {
        let place = pointer.member(name)
        return faults.collect { () throws(FieldFaults) in try shape.read(value, place) }
    }

    private var unknownNames: some Sequence<String> {
        let known = Set(known.map(ExactText.init))
        return (object?.members ?? []).lazy.map(\.name).filter { !known.contains(ExactText($0)) }
    }

    private func complaint(aboutUnknown name: String) -> String {
        let complaint = "unknown field \(quoted(name))"
        if let meant = closest(to: name, among: known) { return "\(complaint); did you mean \"\(meant)\"?" }
        return "\(complaint); the fields here are \(known.joined(separator: ", "))"
    }

    /// Nil without a fault can only be an optional field that the caller needs after all.
    private func present<Value>(_ value: Value?) throws(FieldFaults) -> Value {
        guard let value else { throw FieldFaults("a field that is needed is missing", at: pointer) }
        return value
    }
}

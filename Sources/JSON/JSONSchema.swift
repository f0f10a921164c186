/// JSON Schemas (2020-12) of values.
extension JSONValue {
    /// - Parameter limits: keywords and their values; null for a keyword that does not apply.
    package static func schema(type: String, limits: (keyword: String, value: JSONValue)...) -> JSONValue {
        var schema: JSONObject = ["type": .string(type)]
        for limit in limits where limit.value != .null { schema.set(limit.keyword, to: limit.value) }
        return .object(schema)
    }

    /// The schema of values that exactly one of these schemas accepts.
    package static func schema(ofOne schemas: JSONValue...) -> JSONValue { ["oneOf": .array(schemas)] }

    /// This schema, which also accepts null.
    package var orNull: JSONValue {
        guard case .object(var schema) = self, !schema.members.isEmpty else { return self }
        // A titled schema is referenced, and generators of clients make several types of words that include null.
        if case .string(let type) = schema["type"], schema["title"] == nil, schema["enum"] == nil {
            schema.set("type", to: [.string(type), "null"])
            return .object(schema)
        }
        if case .array(let types) = schema["type"], types.contains("null") { return self }
        if case .array(let schemas) = schema["oneOf"] {
            if schemas.contains(["type": "null"]) { return self }
            schema.set("oneOf", to: .array(schemas + [["type": "null"]]))
            return .object(schema)
        }
        return .schema(ofOne: self, ["type": "null"])
    }
}

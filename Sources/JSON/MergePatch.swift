extension JSONValue {
    /// This value with a JSON merge patch (RFC 7396) applied: null removes a member, an object changes the members that
    /// it names, anything else replaces the value.
    ///
    /// Members keep their order, and new ones come last. The result is no deeper than the deeper of the two.
    package func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result = JSONObject()
        var current = JSONObject()
        if case .object(let object) = self { current = object }
        for member in current.members {
            switch changes[member.name] {
            case nil: result.set(member.name, to: member.value)
            case .null?: continue
            case let change?: result.set(member.name, to: member.value.merged(with: change))
            }
        }
        for change in changes.members where change.value != .null && current[change.name] == nil {
            result.set(change.name, to: JSONValue.null.merged(with: change.value))
        }
        return .object(result)
    }
}

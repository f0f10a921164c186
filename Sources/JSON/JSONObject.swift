/// The members of a JSON object, in the order they were sent, with unique names.
package struct JSONObject: Sendable {
    package struct Member: Sendable {
        package let name: String
        package fileprivate(set) var value: JSONValue
    }

    package private(set) var members: [Member] = []

    /// The index of each member, kept only if there are so many that a linear search is slower.
    private var positions: [ExactText: Int] = [:]
    private static let scanLimit = 64

    package init() {}

    package subscript(name: String) -> JSONValue? {
        position(of: name).map { members[$0].value }
    }

    /// Replaces the member of this name in place, or adds it at the end.
    package mutating func set(_ name: String, to value: JSONValue) {
        if let position = position(of: name) {
            members[position].value = value
        } else {
            append(name, value)
        }
    }

    /// Adds the members of `other` at the end; their names must be new.
    package mutating func append(_ other: JSONObject) {
        for member in other.members { append(member.name, member.value) }
    }

    /// Adds a member at the end and returns true, or returns false if the name is already taken.
    mutating func add(_ name: String, _ value: JSONValue) -> Bool {
        guard position(of: name) == nil else { return false }
        append(name, value)
        return true
    }

    private mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
        if members.count == Self.scanLimit + 1 {
            for (position, member) in members.enumerated() { positions[ExactText(member.name)] = position }
        } else if members.count > Self.scanLimit {
            positions[ExactText(name)] = members.count - 1
        }
    }

    private func position(of name: String) -> Int? {
        let name = ExactText(name)
        guard members.count > Self.scanLimit else {
            return members.firstIndex { ExactText($0.name) == name }
        }
        return positions[name]
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// If a name is repeated, the last value wins.
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        for (name, value) in members { set(name, to: value) }
    }
}

extension JSONObject: Equatable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { left, right in
            ExactText(left.name) == ExactText(right.name) && left.value == right.value
        }
    }
}

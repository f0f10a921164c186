import Foundation
import JSON

@testable import BerthServer

/// Compares values with JSON Schemas, by the keywords that this API's document uses.
///
/// Stricter than the standard: a member that an object's schema does not list is an error.
struct JSONSchema {
    let document: JSONValue

    /// The differences of a value from a schema, each with its place.
    func complaints(about value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        guard case .object(let keywords) = schema else { return ["\(place): no schema"] }
        var complaints: [String] = []
        for keyword in keywords.members {
            let found = check(value, keyword.name, keyword.value, keywords, place)
            complaints += found
        }
        return complaints
    }

    private func check(
        _ value: JSONValue,
        _ keyword: String,
        _ argument: JSONValue,
        _ schema: JSONObject,
        _ place: String
    ) -> [String] {
        func unless(_ isRight: Bool) -> [String] {
            isRight ? [] : ["\(place): \(value.text) is not as \(keyword) \(argument.text) wants"]
        }
        switch (keyword, argument, value) {
        case ("$ref", .string(let reference), _):
            let title = reference.split(separator: "/").last.map(String.init) ?? ""
            guard let schema = document.member("components")?.member("schemas")?.member(title) else {
                return ["\(place): no schema \(title)"]
            }
            return complaints(about: value, schema, at: place)
        case ("type", .string(let type), _): return unless(Self.types(of: value).contains(type))
        case ("type", .array(let types), _):
            return unless(
                types.contains {
                    if case .string(let type) = $0 { Self.types(of: value).contains(type) } else { false }
                }
            )
        case ("enum", .array(let words), _): return unless(words.contains(value))
        case ("const", _, _): return unless(argument == value)
        case ("oneOf", .array(let schemas), _):
            let found = schemas.map { complaints(about: value, $0, at: place) }
            return found.count { $0.isEmpty } == 1 ? [] : ["\(place): \(value.text) fits not exactly one of \(found)"]
        case ("properties", .object(let properties), .object(let object)):
            return object.members.flatMap { member -> [String] in
                let place = "\(place)/\(member.name)"
                if let schema = properties[member.name] { return complaints(about: member.value, schema, at: place) }
                return schema["type"] == nil || schema["additionalProperties"] != nil ? [] : ["\(place) is not listed"]
            }
        case ("required", .array(let names), .object(let object)):
            return names.flatMap { name -> [String] in
                guard case .string(let name) = name, object[name] == nil else { return [] }
                return ["\(place)/\(name) is missing"]
            }
        case ("additionalProperties", let rule, .object(let object)):
            let listed = schema["properties"]
            return object.members.filter { listed?.member($0.name) == nil }.flatMap { member in
                rule == false
                    ? ["\(place)/\(member.name) is not listed"]
                    : complaints(about: member.value, rule, at: "\(place)/\(member.name)")
            }
        case ("maxProperties", .number(let limit), .object(let object)):
            return unless(object.members.count <= limit.integer ?? 0)
        case ("items", _, .array(let elements)):
            return elements.enumerated().flatMap { complaints(about: $1, argument, at: "\(place)/\($0)") }
        case ("minItems", .number(let limit), .array(let elements)): return unless(elements.count >= limit.integer ?? 0)
        case ("maxItems", .number(let limit), .array(let elements)): return unless(elements.count <= limit.integer ?? 0)
        case ("minimum", .number(let limit), .number(let number)):
            return unless(number.double ?? 0 >= limit.double ?? 0)
        case ("maximum", .number(let limit), .number(let number)):
            return unless(number.double ?? 0 <= limit.double ?? 0)
        case ("minLength", .number(let limit), .string(let text)):
            return unless(text.unicodeScalars.count >= limit.integer ?? 0)
        case ("maxLength", .number(let limit), .string(let text)):
            return unless(text.unicodeScalars.count <= limit.integer ?? 0)
        case ("pattern", .string(let pattern), .string(let text)):
            return unless(text.range(of: pattern, options: .regularExpression) != nil)
        case ("format", "date-time", .string(let text)):
            return unless(text.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#) != nil)
        case ("properties", _, _), ("required", _, _), ("additionalProperties", _, _), ("maxProperties", _, _),
            ("items", _, _), ("minItems", _, _), ("maxItems", _, _), ("minimum", _, _), ("maximum", _, _),
            ("minLength", _, _), ("maxLength", _, _), ("pattern", _, _), ("format", "date-time", _), ("title", _, _),
            ("description", _, _), ("examples", _, _), ("default", _, _):
            return []
        default: return ["\(place): the keyword \(keyword) is not known"]
        }
    }

    private static func types(of value: JSONValue) -> [String] {
        switch value {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .number(let number): number.integer == nil ? ["number"] : ["number", "integer"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }
}

import Hummingbird
import JSON

/// Reads the query parameter by parameter and reports all errors at once.
///
/// A route lists its parameters in ``EndpointFacts/parameters``.
struct QueryReader {
    private let request: Request
    private var errors: FieldErrors?

    /// The permitted values of `limit`, the number of elements of a list in one response.
    private static let limitRange = 1...1000
    private static let usualLimit = 100

    init(_ request: Request) { self.request = request }

    /// The parameter, or nil if it is missing or invalid; only the latter is an error.
    mutating func optional<Value>(_ name: String, _ decoder: FieldDecoder<Value>) -> Value? {
        guard let text = request.uri.queryParameters.get(name) else { return nil }
        return errors.collect { () throws(FieldErrors) in try decoder.read(.string(text), .root.member(name)) }
    }

    /// The part of a list that `limit` and `cursor` request.
    ///
    /// - Parameter place: converts a cursor to its place in the list; nil for an invalid cursor.
    mutating func page<Place>(after place: @escaping @Sendable (String) -> Place?) -> (limit: Int, after: Place?) {
        let limit = optional("limit", .count(in: Self.limitRange)) ?? Self.usualLimit
        return (limit, optional("cursor", .cursor(place)))
    }

    func check() throws(FieldErrors) { try errors.check() }
}

extension FieldDecoder where Value == Int {
    static func count(in range: ClosedRange<Int>) -> FieldDecoder {
        let schema: JSONValue = [
            "type": "integer", "minimum": JSONValue(range.lowerBound), "maximum": JSONValue(range.upperBound),
        ]
        return FieldDecoder(schema: schema) { value, pointer throws(FieldErrors) in
            guard let limit = Int(try FieldDecoder<String>.string().read(value, pointer)), range ~= limit else {
                throw FieldErrors("must be a number from \(range.lowerBound) to \(range.upperBound)", at: pointer)
            }
            return limit
        }
    }
}

extension FieldDecoder {
    fileprivate static func cursor(_ place: @escaping @Sendable (String) -> Value?) -> FieldDecoder {
        FieldDecoder(schema: ["type": "string"]) { value, pointer throws(FieldErrors) in
            guard let place = place(try FieldDecoder<String>.string().read(value, pointer)) else {
                throw FieldErrors("is not a cursor from an earlier response", at: pointer)
            }
            return place
        }
    }
}

extension Response {
    /// A part of a list, and the cursor of the next part.
    ///
    /// - Parameters:
    ///   - found: the elements after the cursor; more than `limit` of them mean that there is a next part.
    ///   - cursor: the cursor for the place after an element.
    init<Element>(
        page found: [Element],
        limit: Int,
        cursor: (Element) -> String,
        json: (Element) -> JSONValue
    ) {
        let items = found.prefix(limit)
        let next = found.count > limit ? items.last.map(cursor) : nil
        self.init(.ok, ["items": .array(items.map(json)), "next_cursor": JSONValue(next)])
    }
}

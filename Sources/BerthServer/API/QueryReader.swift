import BerthAPI
import Hummingbird

/// Reads the query parameter by parameter and reports all that is wrong with it at once.
///
/// A route says by `takes` which parameters there are.
struct QueryReader {
    private let request: Request
    private var faults: FieldFaults?

    /// How many elements of a list are answered at once.
    private static let limitRange = 1...1000
    private static let usualLimit = 100

    init(_ request: Request) { self.request = request }

    /// The parameter, or nil where it is missing or wrong; only the last is a fault.
    mutating func optional<Value>(_ name: String, _ shape: FieldShape<Value>) -> Value? {
        guard let text = request.uri.queryParameters.get(name) else { return nil }
        return faults.collect { () throws(FieldFaults) in try shape.read(.string(text), .root.member(name)) }
    }

    /// The part of a list that `limit` and `cursor` ask for.
    ///
    /// - Parameter place: the place in the list that a cursor stands for; nil for what is no cursor.
    mutating func page<Place>(after place: @escaping (String) -> Place?) -> (limit: Int, after: Place?) {
        let limit = optional("limit", .count(in: Self.limitRange)) ?? Self.usualLimit
        return (limit, optional("cursor", .cursor(place)))
    }

    func check() throws(FieldFaults) { try faults.check() }
}

extension FieldShape where Value == Int {
    static func count(in range: ClosedRange<Int>) -> FieldShape {
        .init { value, pointer throws(FieldFaults) in
            guard let limit = Int(try FieldShape<String>.string().read(value, pointer)), range ~= limit else {
                throw FieldFaults("is a number from \(range.lowerBound) to \(range.upperBound)", at: pointer)
            }
            return limit
        }
    }
}

extension FieldShape {
    fileprivate static func cursor(_ place: @escaping (String) -> Value?) -> FieldShape {
        .init { value, pointer throws(FieldFaults) in
            guard let place = place(try FieldShape<String>.string().read(value, pointer)) else {
                throw FieldFaults("is none that was answered here", at: pointer)
            }
            return place
        }
    }
}

extension Response {
    /// A part of a list, and the cursor of the next.
    ///
    /// - Parameters:
    ///   - found: what there is after the cursor; more than `limit` of it tells that there is a next part.
    ///   - cursor: stands for the place behind an element.
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

/// A value that has one form in JSON.
package protocol JSONRepresentable: Sendable {
    var json: JSONValue { get }
    /// The value as it was given, if that says more than ``json``; a decoder accepts either.
    var definition: JSONValue { get }
}

extension JSONRepresentable {
    package var definition: JSONValue { json }
}

extension String: JSONRepresentable { package var json: JSONValue { .string(self) } }
extension Bool: JSONRepresentable { package var json: JSONValue { .bool(self) } }
extension Int: JSONRepresentable { package var json: JSONValue { JSONValue(self) } }
extension Int64: JSONRepresentable { package var json: JSONValue { JSONValue(self) } }

extension JSONNumber: JSONRepresentable { package var json: JSONValue { .number(self) } }

/// Null for infinities and NaN.
extension Double: JSONRepresentable { package var json: JSONValue { JSONNumber(self).map { .number($0) } ?? .null } }

extension Array: JSONRepresentable where Element: JSONRepresentable {
    package var json: JSONValue { .array(map(\.json)) }
}

extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
    package var json: JSONValue { self?.json ?? .null }
    package var definition: JSONValue { self?.definition ?? .null }
}

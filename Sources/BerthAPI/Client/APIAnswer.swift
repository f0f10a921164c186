package import JSON
package import NIOCore

/// A whole answer of the server's that is no error.
package struct APIAnswer: Sendable {
    package let status: Int
    /// Where its time went; nil where the answer does not say.
    package let times: LayerTimes?
    package let body: ByteBuffer

    /// - Throws: ``APIError/strange(_:)``.
    package func json() throws(APIError) -> JSONValue {
        do {
            return try JSONReader.parse(body.readableBytesView)
        } catch {
            throw .strange("it sent no JSON, \(error)")
        }
    }
}

extension JSONValue {
    /// The member of this name; nil where there is none or this is no object.
    package func member(_ name: String) -> JSONValue? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    /// The member of this name where it is text.
    package func text(at name: String) -> String? {
        if case .string(let text) = member(name) { text } else { nil }
    }

    /// The elements of the member of this name; none where it is no array.
    package func list(at name: String) -> [JSONValue] {
        if case .array(let elements) = member(name) { elements } else { [] }
    }
}

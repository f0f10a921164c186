/// The location of a value in a document (RFC 6901), such as `/variables/3/a~1b`; empty for the whole document.
package struct JSONPointer: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package static let root = JSONPointer(description: "")

    /// The member `name` of the object at this location.
    ///
    /// A name is cut after 256 code points and ends with an ellipsis, so that a response with many errors cannot become
    /// much larger than the request.
    package func member(_ name: String) -> JSONPointer {
        var path = description + "/"
        for scalar in shortened(name, to: 256).unicodeScalars {
            switch scalar {
            case "~": path += "~0"
            case "/": path += "~1"
            default: path.unicodeScalars.append(scalar)
            }
        }
        return JSONPointer(description: path)
    }

    /// The element at `index` of the array at this location.
    package func element(_ index: Int) -> JSONPointer {
        JSONPointer(description: "\(description)/\(index)")
    }
}

/// The place of a value in a document (RFC 6901), such as `/variables/3/a~1b`; empty for the whole document.
package struct JSONPointer: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package static let root = JSONPointer(description: "")

    /// The member `name` of the object here.
    ///
    /// Past 256 code points an ellipsis stands for the rest, so that an
    /// answer full of faults cannot grow far beyond the request.
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

    /// The element at `index` of the array here.
    package func element(_ index: Int) -> JSONPointer {
        JSONPointer(description: "\(description)/\(index)")
    }
}

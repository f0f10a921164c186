import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// Tells requests apart that are sent under one key: what they ask for, as far as it changes what is done.
struct RequestFingerprint: Equatable {
    /// SHA-256 in hexadecimal digits.
    let text: String

    init(_ request: Request, body: ByteBuffer) {
        var path = request.uri.path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        var hash = SHA256()
        // No line break can be in these, so that no two requests give the same bytes.
        hash.update(data: Array("\(request.method.rawValue)\n\(path)\n\(request.uri.query ?? "")\n".utf8))
        hash.update(data: body.readableBytesView)
        text = hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

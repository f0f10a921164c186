import Berth
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// Distinguishes requests that are sent under one key, by everything that affects what is executed.
struct RequestFingerprint: Equatable {
    /// SHA-256 in hexadecimal digits.
    let text: String

    init(_ request: Request, body: ByteBuffer) {
        var path = request.uri.path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        var hash = SHA256()
        // None of these can contain a line break, so no two requests give the same bytes.
        hash.update(data: Array("\(request.method.rawValue)\n\(path)\n\(request.uri.query ?? "")\n".utf8))
        hash.update(data: body.readableBytesView)
        text = hash.finalize().hexadecimal
    }
}

import BerthAPI
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

extension StoredAnswer {
    /// - Parameter body: the complete body.
    init(_ response: Response, body: ByteBuffer) {
        let headers = response.headers.filter { $0.name != .contentLength }
        self.init(
            status: response.status.code,
            headers: headers.map { [$0.name.rawName, $0.value] },
            body: String(buffer: body)
        )
    }
}

extension Response {
    /// The first response again, with a header that marks it as a replay.
    init(replaying answer: StoredAnswer) {
        var headers = HTTPFields()
        for header in answer.headers where header.count == 2 {
            guard let name = HTTPField.Name(header[0]) else { continue }
            headers.append(HTTPField(name: name, value: header[1]))
        }
        headers[.idempotencyReplayed] = "true"
        let body = answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(string: answer.body))
        self.init(status: HTTPResponse.Status(code: answer.status), headers: headers, body: body)
    }

    /// This response with its body collected, and the bytes of the body.
    func collected() async throws -> (Response, ByteBuffer) {
        let collector = BodyCollector()
        try await body.write(collector)
        let bytes = collector.bytes.withLock { $0 }
        var response = self
        response.body = bytes.readableBytes == 0 ? ResponseBody() : ResponseBody(byteBuffer: bytes)
        return (response, bytes)
    }
}

private final class BodyCollector: ResponseBodyWriter, Sendable {
    let bytes = Mutex(ByteBuffer())

    func write(_ buffer: ByteBuffer) { bytes.withLock { _ = $0.writeImmutableBuffer(buffer) } }

    func finish(_ trailingHeaders: HTTPFields?) {}
}

import FoundationEssentials
import NIOCore

/// Conflicts that podman reports as 500 in some versions, where Docker's status is 409.
///
/// Source: `cause` in the responses of podman 4.3, which is the text of the error at the root of its message.
private let conflictCauses: Set = [
    "container state improper", "that name is already in use", "network already exists", "network is being used",
]

/// The error of a response with this status and body.
///
/// Docker's body is `{"message": "…"}`, to which podman adds `cause`. The text of any other body is its message. The
/// message is one line of at most 1,000 bytes.
func statusError(_ status: Int, saying body: ByteBuffer) -> EngineError {
    let data = Data(body.readableBytesView)
    guard let answer = try? decodeJSON(ErrorAnswer.self, from: data) else {
        return .status(status, message: singleLine(String(decoding: data, as: UTF8.self)))
    }
    let isConflict = status == 500 && answer.cause.map(conflictCauses.contains) == true
    return .status(isConflict ? 409 : status, message: singleLine(answer.message))
}

private struct ErrorAnswer: Decodable {
    let message: String
    let cause: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        message = try container.decode(String.self, forKey: .message)
        cause = try? container.decode(String.self, forKey: .cause)
    }

    private enum CodingKeys: CodingKey { case message, cause }
}

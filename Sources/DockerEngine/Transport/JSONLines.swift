import FoundationEssentials
package import NIOCore

/// A stream of JSON objects, one per line, as sent by `/events` and `/images/create`.
package struct JSONLines<Element: Decodable & Sendable>: StreamDecoder {
    /// Docker sends no longer line.
    private static var maximumLine: Int { 1 << 20 }

    private var buffer = ByteBuffer()
    /// The part of `buffer` before this index contains no line feed.
    private var searched = 0

    package init() {}

    package mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    package mutating func next() throws(EngineError) -> Element? {
        while let line = try nextLine() {
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
            return try decodeJSON(Element.self, from: line)
        }
        return nil
    }

    package func finish() throws(EngineError) {
        guard buffer.readableBytes == 0 else { throw .undecodable("the response ends in the middle of a line") }
    }

    private mutating func nextLine() throws(EngineError) -> Data? {
        let unsearched = buffer.readableBytesView.dropFirst(searched)
        guard let end = unsearched.firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.readableBytes
            guard searched <= Self.maximumLine else { throw .undecodable("a line is longer than 1 MiB") }
            return nil
        }
        let line = Data(buffer.readableBytesView[..<end])
        buffer.moveReaderIndex(to: end + 1)
        searched = 0
        return line
    }
}

/// Decodes JSON text from an engine, or throws what is wrong with it.
func decodeJSON<Value: Decodable>(_ type: Value.Type, from json: Data) throws(EngineError) -> Value {
    // Foundation also decodes UTF-16 and UTF-32, for which the depth check does not work; both contain zero bytes.
    guard !json.contains(0) else { throw .undecodable("not JSON in UTF-8") }
    guard !isNested(json, deeperThan: 64) else { throw .undecodable("JSON nested deeper than 64 levels") }
    do {
        return try JSONDecoder().decode(type, from: json)
    } catch let error as DecodingError {
        throw .undecodable(singleLine(summary(of: error)))
    } catch {
        throw .undecodable("not JSON")
    }
}

private func summary(of error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
        context.codingPath.isEmpty ? "the answer" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case .typeMismatch(let type, let context): "\(path(context)) is not of type \(type)"
    case .valueNotFound(_, let context): "\(path(context)) is null"
    case .keyNotFound(let key, let context): "\(key.stringValue) is missing in \(path(context))"
    case .dataCorrupted(let context): "\(path(context)) is not valid: \(context.debugDescription.prefix(200))"
    @unknown default: "not Docker's JSON"
    }
}

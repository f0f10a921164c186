import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A parsed request to an engine.
struct EngineRequest {
    let method: HTTPMethod
    /// The segments of the path, without a version prefix.
    let segments: [String]
    let body: ByteBuffer
    let headers: HTTPHeaders
    private let query: [String: String]

    init(_ head: HTTPRequestHead, body: ByteBuffer) {
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        var segments =
            parts.isEmpty ? [] : parts[0].split(separator: "/").map { percentDecoded($0) }
        if let version = segments.first?.utf8, version.first == UInt8(ascii: "v"), version.contains(UInt8(ascii: ".")) {
            segments.removeFirst()
        }
        method = head.method
        self.segments = segments
        self.body = body
        headers = head.headers
        query = parts.count == 2 ? Self.query(parts[1]) : [:]
    }

    subscript(name: String) -> String? { query[name] }

    func isTrue(_ name: String) -> Bool { ["1", "true"].contains(query[name] ?? "") }

    /// The values of one of Docker's `filters`: a JSON object of lists.
    func filter(_ name: String) -> [String] {
        guard let text = query["filters"] else { return [] }
        return (try? JSONDecoder().decode([String: [String]].self, from: Data(text.utf8)))?[name] ?? []
    }

    private static func query(_ text: Substring) -> [String: String] {
        var query: [String: String] = [:]
        for field in text.split(separator: "&") {
            let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count == 2 ? percentDecoded(sides[1]) : ""
        }
        return query
    }
}

/// Decodes `%xx` to its byte, and leaves invalid sequences unchanged.
private func percentDecoded(_ text: Substring) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

import Foundation
import NIOCore

/// A request from a client to a stub engine.
struct StubRequest: Sendable {
    let method: String
    /// The path as it was sent, without the query.
    let path: String
    /// The query as it was sent, without the question mark.
    let query: String
    /// The headers by lower-case name.
    let headers: [String: String]
    let body: String

    /// The decoded value of a query item.
    func queryItem(_ name: String) -> String? {
        query.split(separator: "&").first { $0.hasPrefix(name + "=") }
            .flatMap { String($0.dropFirst(name.count + 1)).removingPercentEncoding }
    }

    func filters() throws -> [String: [String]] {
        try JSONDecoder().decode([String: [String]].self, from: Data((queryItem("filters") ?? "").utf8))
    }
}

/// Reads requests from a connection, and trusts the client to send valid ones.
struct StubRequestReader {
    private var received: [UInt8] = []

    mutating func append(_ bytes: ByteBuffer) { received += bytes.readableBytesView }

    /// The next complete request, or nil until more bytes have arrived.
    mutating func next() -> StubRequest? {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        var lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")[...]
        guard let requestLine = lines.popFirst()?.split(separator: " "), requestLine.count == 3 else { return nil }
        let headers = headers(in: lines)
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard received.count >= end.upperBound + length else { return nil }
        let body = received[end.upperBound..<end.upperBound + length]
        received.removeFirst(end.upperBound + length)
        let target = requestLine[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return StubRequest(
            method: String(requestLine[0]),
            path: String(target[0]),
            query: target.count == 2 ? String(target[1]) : "",
            headers: headers,
            body: String(decoding: body, as: UTF8.self)
        )
    }

    private func headers(in lines: ArraySlice<Substring>) -> [String: String] {
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return headers
    }
}

import JSON

/// One HTTP/1 answer, as its bytes came from the connection.
struct RawAnswer: Sendable, Equatable {
    var status = 0
    var headers: [Header] = []
    var body: [UInt8] = []
    /// Whether the body is all there; a stream's is not.
    var isComplete = false

    struct Header: Sendable, Equatable {
        let name: String
        let value: String
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    var mediaType: String? { header("content-type").map { String($0.prefix { $0 != ";" }) } }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue? { try? JSONReader.parse(body) }

    /// The code of a problem.
    var code: String { (json ?? .null)["code"].string }
}

extension RawAnswer {
    struct Malformed: Error {}

    /// The answers at the beginning of `bytes`, without `100 Continue`; the last may be incomplete.
    ///
    /// - Parameter areBodiless: for each request, whether its answer has no body, whatever its headers say (`HEAD`).
    /// - Throws: ``Malformed``.
    static func answers(in bytes: [UInt8], areBodiless: [Bool]) throws(Malformed) -> [RawAnswer] {
        var answers: [RawAnswer] = []
        var rest = bytes[...]
        while let head = try head(from: &rest) {
            guard head.status >= 200 else { continue }
            var answer = head
            let isBodiless = answers.count < areBodiless.count && areBodiless[answers.count]
            if isBodiless || head.status == 204 || head.status == 304 {
                answer.isComplete = true
            } else {
                try answer.readBody(from: &rest)
            }
            answers.append(answer)
            // Of a request that is not HTTP, a server does not know the method; it closes the connection after the body.
            guard answer.isComplete, !(isBodiless && head.status == 400 && head.header("connection") == "close") else {
                break
            }
        }
        return answers
    }

    /// Nil if the head is not complete.
    private static func head(from rest: inout ArraySlice<UInt8>) throws(Malformed) -> RawAnswer? {
        guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
            // What begins as something else is no answer.
            guard rest.starts(with: Array("HTTP/1.".utf8).prefix(rest.count)) else { throw Malformed() }
            return nil
        }
        let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        rest = rest[end.upperBound...]
        guard let status = lines[0].wholeMatch(of: #/HTTP/1\.[01] (\d\d\d)( .*)?/#)?.1, let code = Int(status) else {
            throw Malformed()
        }
        var answer = RawAnswer(status: code)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { throw Malformed() }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            guard line.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value < 127 }) else { throw Malformed() }
            answer.headers.append(Header(name: line[..<colon].lowercased(), value: String(value)))
        }
        return answer
    }

    private mutating func readBody(from rest: inout ArraySlice<UInt8>) throws(Malformed) {
        if header("transfer-encoding") == "chunked" { return try readChunks(from: &rest) }
        // Otherwise the body ends with the connection, as for HTTP/1.0.
        let length = header("content-length").map { Int($0) ?? -1 }
        guard length ?? 0 >= 0 else { throw Malformed() }
        body = Array(rest.prefix(length ?? rest.count))
        rest = rest.dropFirst(body.count)
        isComplete = body.count == length
    }

    private mutating func readChunks(from rest: inout ArraySlice<UInt8>) throws(Malformed) {
        let newline = Array("\r\n".utf8)
        while let end = rest.firstRange(of: newline) {
            guard let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) else {
                throw Malformed()
            }
            let chunk = rest[end.upperBound...].prefix(size)
            body += chunk
            guard chunk.count == size, rest[chunk.endIndex...].starts(with: newline) else { return }
            rest = rest[(chunk.endIndex + 2)...]
            if size == 0 {
                isComplete = true
                return
            }
        }
    }
}

import Berth
import BerthAPI
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Request {
    /// Whether it changes nothing: its method is `GET` or `HEAD`.
    var onlyReads: Bool { method == .get || method == .head }

    /// The largest body that is read.
    private static let maximumBody = 1 << 20

    /// The body as JSON.
    ///
    /// - Parameter empty: the value for an empty body; nil if the body must not be empty.
    /// - Throws: `Problem` 413 and 415, `JSONSyntaxError`.
    func json(orIfEmpty empty: JSONValue? = nil) async throws -> JSONValue {
        // Before the body is read, if its length announces one: a client with `Expect: 100-continue` may wait for that.
        if announcedLength ?? 0 > 0 { try checkContentType() }
        let bytes = try await collectedBody()
        if bytes.readableBytes == 0, let empty { return empty }
        try checkContentType()
        let body = try JSONReader.parse(bytes.readableBytesView)
        AuditedRequest.current?.note(body)
        return body
    }

    /// - Throws: `Problem` 413 and 415, and `NIOTooManyBytesError`, which also becomes a 413.
    func collectedBody() async throws -> ByteBuffer {
        if let announcedLength, announcedLength > Self.maximumBody { throw Problem.tooLarge }
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem(
                .unsupportedMediaType,
                "Content-Encoding is not supported. Send the body without compression, and without this header.",
                headers: [.acceptEncoding: "identity"]
            )
        }
        return try await body.collect(upTo: Self.maximumBody)
    }

    private var announcedLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// Also a protection against pages of other sites, which can make a browser post a form but not JSON.
    private func checkContentType() throws(Problem) {
        guard !Self.isJSON(headers[.contentType]) else { return }
        throw Problem(
            .unsupportedMediaType,
            "The body must be JSON; send the header Content-Type: application/json."
        )
    }

    /// Accepts no body or an empty object, and rejects any other body.
    func checkBodyIsEmpty() async throws {
        var body = ObjectReader(try await json(orIfEmpty: [:]))
        try body.finish()
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        let mediaType = contentType?.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return mediaType == "application/json" || mediaType == "application/merge-patch+json"
    }

    /// Rejects query parameters other than `known`, and repeated ones.
    ///
    /// - Throws: `FieldErrors`.
    func check(parameters known: [String]) throws(FieldErrors) {
        var seen: Set<String> = []
        for (name, _) in uri.queryParameters {
            let name = String(name)
            guard known.contains(name) else {
                let hint = closest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
                throw FieldErrors("is not a parameter of this route\(hint)", at: .root.member(name))
            }
            guard seen.insert(name).inserted else { throw FieldErrors("must not be repeated", at: .root.member(name)) }
        }
    }

    /// A boolean parameter; without a value it is true.
    func flag(_ name: String) throws(FieldErrors) -> Bool {
        guard let text = uri.queryParameters.get(name), text != "" else {
            return uri.queryParameters.get(name) != nil
        }
        guard let isSet = Bool(spelledOut: text) else {
            throw FieldErrors("must be true or false", at: .root.member(name))
        }
        return isSet
    }
}

extension APIContext {
    /// The app that the path names.
    ///
    /// An invalid name is treated as the name of an app that does not exist.
    func appName() throws -> AppName {
        do {
            return try AppName(parameters.get("app") ?? "")
        } catch {
            throw BerthError.appNotFound(nil)
        }
    }

    func runName() throws -> RunName {
        guard let name = RunName(parameters.get("run") ?? "") else {
            throw BerthError.runNotFound(nil)
        }
        return name
    }

    func hostName() throws -> HostName {
        do {
            return try HostName(parameters.get("host") ?? "")
        } catch {
            throw BerthError.hostNotFound(nil)
        }
    }
}

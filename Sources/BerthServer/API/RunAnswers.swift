import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Response {
    /// A response whose JSON is already encoded.
    init(_ status: HTTPResponse.Status, body: ByteBuffer) {
        self.init(status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    /// One run.
    init(_ run: RunView) {
        var body = ByteBuffer()
        body.reserveCapacity(run.encoded.full.count + 80)
        body.write(run)
        body.writeInteger(UInt8(ascii: "\n"))
        self.init(.ok, body: body)
    }

    /// A list of runs, or 304 if the client already has it.
    init(to request: Request, _ list: RunLists.Answer) throws(Problem) {
        if try request.has(tag: list.tag) {
            self.init(status: .notModified)
        } else {
            self.init(.ok, body: list.body)
        }
        headers[.eTag] = #"W/"\#(list.tag)""#
    }

    /// The runs of one request, with the errors of those that were not started.
    ///
    /// - Parameter location: the URL of the run, if there is only one.
    init(
        _ status: HTTPResponse.Status,
        started runs: [(run: RunView, error: BerthError?)],
        location: String?
    ) {
        var body = ByteBuffer()
        body.writeStaticString(#"{"items":["#)
        body.write(runs) { $0.write($1.run) }
        body.writeInteger(UInt8(ascii: "]"))
        let errors = runs.enumerated().compactMap { item, outcome -> JSONValue? in
            guard let error = outcome.error else { return nil }
            return StartErrorJSON(item: item, code: error.code.rawValue, detail: Problem(error).detail).json
        }
        if !errors.isEmpty { body.writeString(#","errors":"# + JSONValue.array(errors).text) }
        body.writeStaticString("}\n")
        self.init(status, body: body)
        if let location { headers[.location] = location }
    }
}

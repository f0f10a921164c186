import Berth
import BerthAPI
import DockerEngine
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import ServiceLifecycle

/// The output of runs.
struct LogRoutes: Sendable {
    let logs: Logs

    var routes: [Route] {
        [Route(.runLogs, read)]
    }

    @Sendable private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        var reader = QueryReader(request)
        var query = reader.logQuery(follow: try request.flag("follow"))
        try reader.check()
        let format = RunLogFormat(accept: request.headers[.accept])
        let resumed = format == .events ? request.lastLogPosition : nil
        if let resumed { (query.since, query.tail) = (resumed.time, nil) }
        let (wanted, hasTimes) = (query, try request.flag("timestamps"))
        let name = try context.runName()
        let log = try await logs.open(name, wanted)
        return Response(streaming: format.mediaType, request, context) { output in
            if format == .text, !hasTimes, !wanted.follow {
                return try await log.readBytes { bytes in
                    try await output.send { $0.writeImmutableBuffer(bytes) }
                }
            }
            // When the server stops, the response ends without its last chunk: the run has not finished.
            try await cancelWhenGracefulShutdown {
                var encoder = LogEncoder(format: format, hasTimes: hasTimes, resumed: resumed)
                try await log.read { items in
                    // Text has no place for a notice.
                    if format == .text, items.contains(.lagged) { throw ReaderLagged() }
                    try await output.send { buffer in encoder.write(items, to: &buffer) }
                }
            }
        }
    }
}

/// A reader of text was too slow, and some of the output was skipped.
private struct ReaderLagged: Error {}

extension QueryReader {
    fileprivate mutating func logQuery(follow: Bool) -> LogQuery {
        var query = LogQuery()
        query.follow = follow
        query.tail = optional("tail", .count(in: 0...Parameter.maximumTail))
        query.since = optional("since", .logTime)
        query.until = optional("until", .logTime)
        switch optional("stream", .choice(of: ["stdout", "stderr"])) {
        case "stdout": query.streams = [.stdout]
        case "stderr": query.streams = [.stderr]
        default: break
        }
        return query
    }
}

extension FieldDecoder where Value == LogTime {
    fileprivate static var logTime: FieldDecoder {
        FieldDecoder(schema: ["type": "string", "format": "date-time"]) { value, pointer throws(FieldErrors) in
            // A plus in a query is a space.
            let text = try FieldDecoder<String>.string().read(value, pointer).replacing(" ", with: "+")
            guard let time = LogTime(rfc3339: text) else {
                throw FieldErrors("must be a time in RFC 3339, such as 2026-11-23T14:13:00Z", at: pointer)
            }
            return time
        }
    }
}

extension Request {
    /// The last record that a reconnecting client received; nil for a new client.
    fileprivate var lastLogPosition: LogPosition? {
        headers[.named("Last-Event-ID")].flatMap { LogPosition($0) }
    }
}

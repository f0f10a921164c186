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
        [Route(.runLogs, readRun), Route(.appLogs, readApp)]
    }

    @Sendable private func readRun(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = try request.logQuery()
        let format = RunLogFormat(accept: request.headers[.accept])
        let resumed = format == .events ? request.lastEventID.flatMap { LogPosition($0) } : nil
        if let resumed { (query.since, query.tail) = (resumed.time, nil) }
        let isPlain = format == .text && !query.follow
        let hasTimes = try request.flag("timestamps")
        let log = try await logs.open(try context.runName(), query)
        // With any other response an EventSource connects again and again.
        if let resumed, query.follow, try await log.ends(at: resumed) { return Response(status: .noContent) }
        return response(to: request, context, format) { send in
            if isPlain, !hasTimes { return try await log.readBytes(send) }
            var encoder = LogEncoder(format: format, hasTimes: hasTimes, resumed: resumed)
            try await log.read { items in
                // Text has no place for a notice.
                if format == .text, items.contains(where: \.isLagged) { throw ReaderLagged() }
                var buffer = ByteBuffer()
                encoder.write(items, to: &buffer)
                try await send(buffer)
            }
        }
    }

    @Sendable private func readApp(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try request.logQuery()
        let format = RunLogFormat(accept: request.headers[.accept])
        let resumed = format == .events ? request.lastEventID.flatMap { AppLogPosition($0) } : nil
        let hasTimes = try request.flag("timestamps")
        let log = try await logs.open(try context.appName(), query, after: resumed)
        return response(to: request, context, format) { send in
            var encoder = LogEncoder(format: format, hasTimes: hasTimes)
            try await log.read { items in
                if format == .text, items.contains(where: \.item.isLagged) { throw ReaderLagged() }
                var buffer = ByteBuffer()
                encoder.write(items, to: &buffer)
                try await send(buffer)
            }
        }
    }

    private func response(
        to request: Request,
        _ context: APIContext,
        _ format: RunLogFormat,
        _ write: @escaping @Sendable (_ send: @Sendable (ByteBuffer) async throws -> Void) async throws -> Void
    ) -> Response {
        Response(streaming: format.mediaType, request, context) { output in
            // When the server stops, the response ends without its last chunk: the run has not finished.
            try await cancelWhenGracefulShutdown {
                try await write { bytes in try await output.send { $0 = bytes } }
            }
        }
    }
}

/// A reader of text was too slow, and some of the output was skipped.
private struct ReaderLagged: Error {}

extension Request {
    fileprivate func logQuery() throws -> LogQuery {
        var reader = QueryReader(self)
        let query = reader.logQuery(follow: try flag("follow"))
        try reader.check()
        return query
    }
}

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
    static var logTime: FieldDecoder {
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

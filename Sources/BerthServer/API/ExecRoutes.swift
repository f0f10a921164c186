import Berth
import BerthAPI
import Hummingbird
import JSON
import NIOCore
import ServiceLifecycle

/// Commands in the containers of runs.
struct ExecRoutes: Sendable {
    let execs: Execs

    var routes: [Route] {
        [
            Route(.execute, body: ExecInput.schema, execute),
            Route(.execSession, get),
            Route(.execOutput, readOutput),
            Route(.writeExecInput, writeInput),
            Route(.resizeExec, body: Self.sizeSchema, resize),
            Route(.deleteExec, delete),
        ]
    }

    @Sendable private func execute(_ request: Request, _ context: APIContext) async throws -> Response {
        let input = try ExecInput(await request.json())
        let exec = try await execs.prepare(input.request, in: context.runName())
        switch input.mode {
        case .once(let stdin, let timeout):
            return Response(streaming: "application/x-ndjson", request, context) { output in
                do {
                    let code = try await stoppingWithServer {
                        try await exec.execute(input: stdin.map { ByteBuffer(string: $0) }, timeout: timeout) {
                            try await output.send(lines: [ExecOutputJSON($0).json])
                        }
                    }
                    try await output.send(lines: [ExecOutputJSON(.exited(code), context).json])
                } catch {
                    try await output.send(lines: [ExecOutputJSON(Problem(error), context).json])
                }
            }
        case .session:
            let session = try await execs.sessions.open(exec, by: context.caller)
            var response = Response(.created, ExecSessionJSON(session).json)
            response.headers[.location] = "/v1/exec/\(session.id)"
            return response
        }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        Response(.ok, ExecSessionJSON(try session(context)).json)
    }

    @Sendable private func readOutput(_ request: Request, _ context: APIContext) async throws -> Response {
        let session = try session(context)
        let last = request.lastEventID.flatMap { Int($0) }
        return Response(streaming: "text/event-stream", request, context) { output in
            try await cancelWhenGracefulShutdown {
                try await session.read(after: last) { items in
                    try await output.send { buffer in
                        if items.isEmpty { buffer.writeStaticString(":\n\n") }
                        for item in items { buffer.write(item, context) }
                    }
                }
            }
        }
    }

    @Sendable private func writeInput(_ request: Request, _ context: APIContext) async throws -> Response {
        let session = try session(context)
        let isEnd = try request.flag("end")
        try await stoppingWithServer {
            for try await bytes in request.body where bytes.readableBytes > 0 { try await session.write(bytes) }
            // When it is cancelled, the body ends before it is complete.
            try Task.checkCancellation()
            if isEnd { try await session.finishInput() }
        }
        return Response(status: .noContent)
    }

    @Sendable private func resize(_ request: Request, _ context: APIContext) async throws -> Response {
        let session = try session(context)
        var body = ObjectReader(try await request.json())
        let size = TerminalSize(&body)
        try body.finish()
        try await session.resize(to: size)
        return Response(status: .noContent)
    }

    private static let sizeSchema = ObjectReader.schema(title: "TerminalSize") { body in _ = TerminalSize(&body) }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        execs.sessions.close(try session(context))
        return Response(status: .noContent)
    }

    private func session(_ context: APIContext) throws -> ExecSession {
        let session = try execs.sessions.session(context.parameters.get("exec") ?? "")
        AuditedRequest.current?.target = "run \(session.run) exec \(session.id)"
        return session
    }
}

extension ByteBuffer {
    /// Writes an item as an event, whose id a client sends to resume.
    fileprivate mutating func write(_ item: ExecItem, _ context: APIContext) {
        switch item {
        case .output(let chunk, let number):
            write(event: "output", id: Int64(number), data: ExecOutputJSON(chunk).json)
        case .gap:
            var gap = ExecOutputJSON()
            gap.event = "gap"
            write(event: "output", data: gap.json)
        case .end(let end): write(event: "output", data: ExecOutputJSON(end, context).json)
        }
    }
}

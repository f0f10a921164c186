import Berth
import BerthAPI
import HTTPTypes
import Hummingbird
import JSON
import ServiceLifecycle

/// The audit log.
struct AuditRoutes: Sendable {
    let log: AuditLog

    var routes: [Route] { [Route(.audit, read)] }

    @Sendable private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        var filter = AuditFilter()
        filter.actor = query.optional("actor", .string(length: 1...64))
        filter.action = query.optional("action", .string(length: 1...64))
        filter.target = query.optional("target", .string(length: 1...200))
        filter.since = query.optional("since", .logTime).map { Timestamp($0) }
        filter.until = query.optional("until", .logTime).map { Timestamp($0) }
        let page = query.page { AuditID(cursor: $0) }
        try query.check()
        guard RunLogFormat(accept: request.headers[.accept]) != .lines else {
            try request.checkIsWithoutPage()
            return export(filter, request, context)
        }
        let rows = try await log.rows(filter, before: page.after, limit: page.limit + 1)
        return Response(page: rows, limit: page.limit, cursor: \.id.cursor) { AuditRowJSON($0).json }
    }

    private func export(_ filter: AuditFilter, _ request: Request, _ context: APIContext) -> Response {
        Response(streaming: "application/x-ndjson", request, context) { output in
            // When the server stops, the response ends without its last chunk: rows are missing.
            try await cancelWhenGracefulShutdown {
                try await log.export(filter) { rows in
                    try await output.send(lines: rows.map { AuditRowJSON($0).json })
                }
            }
        }
    }
}

extension Request {
    /// - Throws: `FieldErrors` for a parameter of a page, since an export has none.
    fileprivate func checkIsWithoutPage() throws(FieldErrors) {
        for name in ["limit", "cursor"] where uri.queryParameters.get(name) != nil {
            throw FieldErrors("must be left out of an export, which has all rows", at: .root.member(name))
        }
    }
}

extension AuditRowJSON {
    fileprivate init(_ row: AuditRow) {
        self.init()
        let entry = row.entry
        time = row.id.time.description
        (actor, action, target) = (entry.actor, entry.action, entry.target)
        (result, code) = (entry.result.rawValue, entry.code)
        (requestID, address) = (entry.requestID, entry.address)
    }
}

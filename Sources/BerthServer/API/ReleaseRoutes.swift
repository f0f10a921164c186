import Berth
import BerthAPI
import Hummingbird
import JSON

/// Routes for the releases of an app, and for a rollback to one.
struct ReleaseRoutes: Sendable {
    let apps: Apps

    var routes: [Route] {
        [
            Route(.releases, list),
            Route(.release, get),
            Route(.rollBack, body: Self.rollback.schema, rollBack),
        ]
    }

    private static let rollback = FieldDecoder<Int>.object { body throws(FieldErrors) in
        try body.finish(body.required("release", .integer(in: 1 ... .max)))
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let page = query.page(after: number(in:))
        try query.check()
        let found = try await apps.releases(
            of: context.appName(),
            before: page.after ?? .max,
            limit: page.limit + 1
        )
        return Response(page: found, limit: page.limit, cursor: \.number.description) {
            ReleaseJSON(context.principal.view(of: $0)).json
        }
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        // A text that is not a number matches no release.
        let number = number(in: context.parameters.get("release") ?? "") ?? 0
        let release = try await apps.release(number, of: context.appName())
        return Response(.ok, ReleaseJSON(context.principal.view(of: release)).json)
    }

    @Sendable private func rollBack(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.appName()
        let release = try Self.rollback.read(await request.json(), .root)
        let expected = try await request.expectedRelease(of: name, in: apps)
        let app = try await apps.rollBack(name, to: release, ifRelease: expected, by: context.caller)
        return Response(.ok, AppJSON(app).json, release: app.release)
    }

    /// The number, if `text` is its canonical form.
    private func number(in text: String) -> Int? { Int(text).flatMap { $0 > 0 && text == "\($0)" ? $0 : nil } }
}

extension ReleaseJSON {
    init(_ release: Release) {
        let (origin, restored) = release.origin.words
        self.init()
        app = release.app.description
        self.release = release.number
        createdAt = release.createdAt.description
        createdBy = release.createdBy
        self.origin = origin
        restoredRelease = restored
        settings = release.settings.json
    }
}

extension Release.Origin {
    fileprivate var words: (String, Int?) {
        switch self {
        case .created: ("created", nil)
        case .changed: ("changed", nil)
        case .rolledBack(let release): ("rolled_back", release)
        case .adopted: ("adopted", nil)
        }
    }
}

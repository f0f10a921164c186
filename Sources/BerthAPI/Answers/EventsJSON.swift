package import JSON

/// A run whose record was removed, as `run_deleted` reports it.
package struct DeletedRunJSON: JSONRecord {
    package var name = ""
    package var app = ""
    package var host = ""

    package init() {}

    package static let fields: [JSONField<DeletedRunJSON>] = [
        .init("name", \.name, .string()),
        .init("app", \.app, .string()),
        .init("host", \.host, .string()),
    ]
}

/// An app that was deleted, as `app_deleted` reports it.
package struct DeletedAppJSON: JSONRecord {
    package var name = ""

    package init() {}

    package init(_ name: String) { self.name = name }

    package static let fields: [JSONField<DeletedAppJSON>] = [.init("name", \.name, .string())]
}

/// A host that was removed, as `host_deleted` reports it.
package struct DeletedHostJSON: JSONRecord {
    package var name = ""

    package init() {}

    package init(_ name: String) { self.name = name }

    package static let fields: [JSONField<DeletedHostJSON>] = [.init("name", \.name, .string())]
}

/// The content of `reset` and `lagged`, for people.
package struct NoticeJSON: JSONRecord {
    package var detail = ""

    package init() {}

    package init(_ detail: String) { self.detail = detail }

    package static let fields: [JSONField<NoticeJSON>] = [.init("detail", \.detail, .string())]
}

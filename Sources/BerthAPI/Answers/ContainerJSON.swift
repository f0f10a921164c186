package import JSON

/// A container in the short form: the response of `POST /apps/run/{app}` and `GET /apps/containers`.
package struct ContainerJSON: JSONRecord {
    package var name = ""
    /// `R` while it runs or is starting, `F` once it has finished.
    package var status = ""
    package var app = ""

    package init() {}

    package static let fields: [JSONField<ContainerJSON>] = [
        .init("name", \.name, .string()),
        .init("Status", \.status, .word(of: RunJSON.statuses)),
        // The value is the app's name: the product's first API is defined like that.
        .init("images", \.app, .string()),
    ]
}

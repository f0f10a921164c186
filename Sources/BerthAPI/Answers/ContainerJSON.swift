package import JSON

/// A container in the short form: what `POST /apps/run/{app}` and `GET /apps/containers` answer.
package struct ContainerJSON: JSONRecord {
    package var name = ""
    /// `R` while it runs or is about to, `F` once it has finished.
    package var status = ""
    package var app = ""

    package init() {}

    package static let fields: [JSONField<ContainerJSON>] = [
        .init("name", \.name, .string()),
        .init("Status", \.status, .string()),
        // The app's name: so the product's first interface has it.
        .init("images", \.app, .string()),
    ]
}

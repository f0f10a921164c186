package import JSON

/// A container in the short form: what `POST /apps/run/{app}` and `GET /apps/containers` answer.
package struct ContainerJSON: Sendable, Equatable {
    package let name: String
    /// `R` it is running or about to, `F` it has finished.
    package let status: String
    package let app: String

    package init(name: String, status: String, app: String) {
        self.name = name
        self.status = status
        self.app = app
    }

    /// `images` is the app's name: so the product's first interface has it.
    package var json: JSONValue {
        ["name": .string(name), "Status": .string(status), "images": .string(app)]
    }
}

/// What to create a container from; the body of `POST /containers/create`.
package struct ContainerSpec: Encodable, Sendable, Equatable {
    package var image: String
    /// The image's own where nil.
    package var command: [String]?
    /// `NAME=value`, in order.
    package var environment: [String]
    package var labels: [String: String]

    package init(image: String, command: [String]?, environment: [String], labels: [String: String]) {
        self.image = image
        self.command = command
        self.environment = environment
        self.labels = labels
    }

    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
    }
}

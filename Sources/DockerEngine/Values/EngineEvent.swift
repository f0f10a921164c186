/// One line of `GET /events`.
///
/// A hint that something changed; the container's present state must be read separately.
package struct EngineEvent: Decodable, Sendable, Equatable {
    /// `container`, `image`, `network`, ….
    package let type: String
    /// `create`, `start`, `die`, `destroy`, `rename`, ….
    package let action: String
    package let actor: Actor
    /// Nanoseconds since 1970 by the engine's clock.
    package let timeNano: Int64

    /// Whether the actor exists no more: `destroy`, or podman's `remove`.
    package var isRemoval: Bool { action == "destroy" || action == "remove" }

    package struct Actor: Decodable, Sendable, Equatable {
        package let id: String
        package let attributes: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case id = "ID"
            case attributes = "Attributes"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case action = "Action"
        case actor = "Actor"
        case timeNano
    }
}

/// What an image gives to a container that asks for nothing else; `Config` in `GET /images/{name}/json`.
package struct ImageConfig: Decodable, Sendable, Equatable {
    package let entrypoint: [String]?
    package let command: [String]?
    /// `NAME=value`.
    package let environment: [String]?
    /// Nil where it says none.
    package let user: String?
    /// Nil where it says none.
    package let workingDirectory: String?

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        entrypoint = try container.decodeIfPresent([String].self, forKey: .entrypoint)
        command = try container.decodeIfPresent([String].self, forKey: .command)
        environment = try container.decodeIfPresent([String].self, forKey: .environment)
        user = try container.decodeUnlessEmpty(forKey: .user)
        workingDirectory = try container.decodeUnlessEmpty(forKey: .workingDirectory)
    }

    private enum CodingKeys: String, CodingKey {
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case environment = "Env"
        case user = "User"
        case workingDirectory = "WorkingDir"
    }
}

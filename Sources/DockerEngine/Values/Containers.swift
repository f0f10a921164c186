/// One row of `GET /containers/json`.
package struct ContainerSummary: Decodable, Sendable, Equatable {
    package let id: ContainerID
    /// Each with Docker's leading slash.
    package let names: [String]?
    package let image: String
    /// `sha256:…`.
    package let imageID: String?
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    package let state: String
    package let labels: [String: String]?
    /// Text for people: `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`.
    private let status: String?
    /// Absent before API 1.52.
    private let reportedHealth: ReportedHealth?
    private let ports: [ListedPort]?

    /// The host's ports that lead into it, in any order.
    package var publishedPorts: [PublishedPort] { ports?.compactMap(\.published) ?? [] }

    /// Nil while it runs, or if the engine words its status differently.
    package var exitCode: Int? {
        guard let status, status.hasPrefix("Exited ("), let end = status.firstIndex(of: ")") else { return nil }
        return Int(status[..<end].dropFirst("Exited (".count))
    }

    /// The result of its health check; nil if it has none or does not run.
    package var health: ContainerHealth? {
        if let reported = reportedHealth?.status { return ContainerHealth(rawValue: reported) }
        guard let status, status.last == ")", let start = status.lastIndex(of: "(") else { return nil }
        switch status[start...] {
        case "(healthy)": return .healthy
        case "(unhealthy)": return .unhealthy
        case "(health: starting)": return .starting
        default: return nil
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case image = "Image"
        case state = "State"
        case imageID = "ImageID"
        case labels = "Labels"
        case status = "Status"
        case ports = "Ports"
        case reportedHealth = "Health"
    }

    private struct ReportedHealth: Decodable, Sendable, Equatable {
        let status: String?

        private enum CodingKeys: String, CodingKey { case status = "Status" }
    }

    /// A port; one that is exposed but not published has no host port.
    private struct ListedPort: Decodable, Sendable, Equatable {
        let container: UInt16
        let host: UInt16?
        let address: String?
        let transport: String

        var published: PublishedPort? {
            guard let host, let transport = PortProtocol(rawValue: transport) else { return nil }
            return PublishedPort(container: ContainerPort(container, transport), hostPort: host, listening: address)
        }

        private enum CodingKeys: String, CodingKey {
            case container = "PrivatePort"
            case host = "PublicPort"
            case address = "IP"
            case transport = "Type"
        }
    }
}

/// How a container ended; the response of `POST /containers/{id}/wait`.
package struct ContainerExit: Decodable, Sendable, Equatable {
    package let statusCode: Int

    private enum CodingKeys: String, CodingKey {
        case statusCode = "StatusCode"
    }
}

struct CreatedContainer: Decodable, Sendable {
    let id: ContainerID

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
    }
}

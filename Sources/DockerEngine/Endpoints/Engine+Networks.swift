import NIOHTTP1

extension Engine {
    /// `POST /networks/create`: creates a network with the bridge driver.
    ///
    /// - Throws: `EngineError.status(409, …)` when a network of this name exists.
    package func createNetwork(named name: String, labels: [String: String]) async throws {
        let body = WantedNetwork(name: name, labels: labels)
        try await send(.POST, "/networks/create", body: body, deadline: .seconds(60))
    }

    /// `GET /networks`: the networks that carry every one of `labels`.
    package func networks(labels: [String]) async throws -> [Network] {
        try await get("/networks", query: [("filters", try filtersJSON(["label": labels]))])
    }

    /// `DELETE /networks/{id}`.
    ///
    /// Post-condition: it does not exist; it is not an error if it did not exist before.
    ///
    /// - Throws: `EngineError.status(403, …)` while a running container is in it.
    package func removeNetwork(_ id: String) async throws {
        do {
            try await send(.DELETE, "/networks/\(id)", deadline: .seconds(60))
        } catch let error as EngineError where error.isNotFound {
            return
        }
    }
}

/// A network in the response of `GET /networks`.
package struct Network: Decodable, Sendable, Equatable {
    package let id: String
    package let name: String

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
    }
}

private struct WantedNetwork: Encodable, Sendable {
    let name: String
    let labels: [String: String]
    /// Without it, engines before 25 create a second network of the same name.
    let refusesTwins = true

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case labels = "Labels"
        case refusesTwins = "CheckDuplicate"
    }
}

import BerthAPI
import DockerEngine

/// Removes everything that a measurement has created, however it ended.
///
/// It uses connections of its own, since those of the measurement may have broken.
struct CleanUp: Sendable {
    let server: APIAddress
    let token: String?
    let names: BenchNames
    /// Nil if no container was created directly on the engine.
    let engine: RawEngine?
    let unanswered: UnansweredNames

    /// - Returns: the objects that remain, each with the command that removes it.
    func run() async -> [String] {
        var left: [String] = []
        do {
            try await deleteApp()
        } catch {
            let command = server.curlCommand("DELETE", path, hasToken: token != nil)
            left.append("the app \(names.app) and its containers could not be removed (\(error)): \(command)")
        }
        do {
            try await removeContainers()
        } catch {
            let command = "docker rm -f $(docker ps -aq --filter label=\(names.filter))"
            left.append("containers may still be on the host (\(words(for: error))): \(command)")
        }
        return left
    }

    private var path: String { Endpoint.deleteApp.facts.target(["app": names.app], ["force": "true"]) }

    /// Deletes the app, with retries, since a server that is starting a run of it refuses.
    private func deleteApp() async throws {
        try await APIClient.with(server, token: token) { client in
            for attempt in 1... {
                do {
                    try await client.call(
                        unread: .deleteApp,
                        ["app": names.app],
                        query: ["force": "true"],
                        deadline: .seconds(300)
                    )
                    return
                } catch let error as APIError where error.isNotFound {
                    return
                } catch APIError.problem where attempt < 10 {
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private func removeContainers() async throws {
        guard let engine else { return }
        try await withDeadline(.seconds(120)) {
            try await engine.whileOpen { engine in try await removeContainers(of: engine) }
        }
    }

    /// Removes the containers, and polls for those that the engine may still be creating.
    private func removeContainers(of engine: Engine) async throws {
        let end = ContinuousClock.now + .seconds(5)
        var expected = unanswered.all
        while true {
            for container in try await engine.containers(labels: [names.filter]) {
                try await engine.removeContainer(container.id, force: true)
                for name in container.names ?? [] { expected.remove(String(name.drop { $0 == "/" })) }
            }
            guard !expected.isEmpty, .now < end else { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

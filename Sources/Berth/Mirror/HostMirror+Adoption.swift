import DockerEngine
import Logging

extension HostMirror {
    /// Turns containers that carry this server's label into runs again.
    ///
    /// A restored backup or a lost database lacks the records of later runs.
    func adopt(_ containers: [ContainerSummary], of run: RunID) async throws {
        do {
            guard let container = Adoption.candidate(among: containers) else { return }
            let details = try await engine.container(container.id)
            let image = try await imageConfig(of: details)
            guard let adoption = Adoption(of: run, on: host, details, image: image, now: .now()),
                let adopted = try await store.adopt(adoption)
            else { return }
            runs.add(adopted, observedAt: .now())
            reconcileQueue.add(adopted.id)
            logger.notice("Adopted a container without a record.", metadata: ["berth.run": "\(adopted.name)"])
        } catch let error as EngineError where error.isConnectionFailure {
            throw error
        } catch {
            logger.warning(
                "A container without a record could not be adopted.",
                metadata: ["berth.run_id": "\(run)", "error.message": "\(error)"]
            )
        }
    }

    private func imageConfig(of details: ContainerDetails) async throws -> ContainerConfig? {
        guard let image = try? ImageReference(details.config.image) else { return nil }
        do {
            return try await engine.image(image).config
        } catch let error as EngineError where error.isNotFound {
            return nil
        }
    }
}

extension EngineError {
    /// Whether the error concerns the engine as a whole, not just the requested container.
    var isConnectionFailure: Bool {
        switch self {
        case .unreachable, .timedOut: true
        case .status, .undecodable, .busy: false
        }
    }
}

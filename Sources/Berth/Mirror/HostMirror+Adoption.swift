import DockerEngine
import Logging

extension HostMirror {
    /// A restored back-up or a lost database does not know what was run since: what carries this server's label is a run
    /// again.
    func adopt(_ containers: [ContainerSummary], of run: RunID) async throws {
        do {
            guard let container = Adoption.candidate(among: containers) else { return }
            let details = try await engine.container(container.id)
            let image = try await imageConfig(of: details)
            guard let adoption = Adoption(of: run, on: host, details, image: image, now: .now()),
                let adopted = try await store.adopt(adoption)
            else { return }
            runs.add(adopted, observedAt: .now())
            dirty.mark(adopted.id)
            logger.notice("Adopted a container without a record.", metadata: ["berth.run": "\(adopted.name)"])
        } catch let error as EngineError where error.isConnectionFailure {
            throw error
        } catch {
            logger.warning(
                "A container without a record is not adopted yet.",
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
    /// Whether it is about all of the engine, and not about the one container that it was asked for.
    var isConnectionFailure: Bool {
        switch self {
        case .unreachable, .timedOut: true
        case .status, .undecodable, .busy: false
        }
    }
}

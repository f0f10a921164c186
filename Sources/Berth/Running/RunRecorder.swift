import Logging
import ServiceLifecycle

/// Brings what changed in memory into the store, so that nobody who watches an engine has to wait for a database.
package struct RunRecorder: Service {
    let runs: LiveRuns
    let store: Store
    let logger: Logger

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await runs.changed.wait()
                await record()
            }
        }
        await record()
    }

    private func record() async {
        let changed = runs.takeUnrecorded()
        guard !changed.isEmpty else { return }
        do {
            try await store.update(changed)
        } catch {
            runs.giveBackUnrecorded(changed)
            logger.error("Changes of runs cannot be recorded yet; trying again.", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .seconds(1))
            runs.changed.send()
        }
    }
}

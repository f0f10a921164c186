import Logging
import SQL
import ServiceLifecycle

/// Records changed runs in the store, so that no task that follows an engine waits for the database.
package struct RunRecorder: Service {
    let runs: RunCache
    let store: Store
    let logger: Logger

    private static let pause = Duration.milliseconds(50)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await runs.changed.wait()
                await record()
                // Changes that arrive meanwhile share one transaction.
                try? await Task.sleep(for: Self.pause)
            }
        }
        await record()
    }

    /// Records in parts, so that each stays within the database's time limit, however many changes an outage has left.
    private func record() async {
        let changed = runs.takeUnrecorded()
        for start in stride(from: 0, to: changed.count, by: 500) {
            await record(Array(changed[start..<min(start + 500, changed.count)]))
        }
    }

    private func record(_ changed: [Run]) async {
        guard !changed.isEmpty else { return }
        do {
            try await store.update(changed)
        } catch let error as SQLError where error.isLasting && changed.count > 1 {
            // A run that can never be stored must not keep the others from being stored.
            for run in changed { await record([run]) }
        } catch let error as SQLError where error.isLasting {
            logger.error("The database rejected the record of a run.", metadata: ["berth.run": "\(changed[0].name)"])
        } catch {
            runs.returnUnrecorded(changed)
            logger.error(
                "Changes of runs could not be recorded; retrying.",
                metadata: ["error.message": "\(error)"]
            )
            try? await Task.sleep(for: .seconds(1))
            runs.changed.send()
        }
    }
}

import FoundationEssentials
import NIOHTTP1
import Synchronization

extension Engine {
    /// `GET /images/{name}/json`.
    ///
    /// - Throws: `EngineError.status(404, …)` when it is not on the engine.
    package func image(_ reference: ImageReference) async throws -> ImageDetails {
        try await get("/images/\(reference)/json")
    }

    /// `GET /images/json`: all images, without the intermediate ones of builds.
    package func images() async throws -> [ImageSummary] {
        try await get("/images/json", deadline: .seconds(60), maximumBytes: 64 << 20)
    }

    /// `DELETE /images/{id}`: removes the image and its name, without force.
    ///
    /// - Throws: `EngineError.status(409, …)` when a container uses it, when it has several names, or when another image
    ///   is built on it; `404` when there is none.
    package func removeImage(_ id: ImageID) async throws {
        try await send(.DELETE, "/images/\(id)", deadline: .seconds(60))
    }

    /// `DELETE /images/{name}`: removes one name of an image, and the image with its last one, without force.
    ///
    /// - Throws: as ``removeImage(_:)``.
    package func removeImageName(_ reference: ImageReference) async throws {
        try await send(.DELETE, "/images/\(reference)", deadline: .seconds(60))
    }

    /// `POST /images/create`: pulls the image from its registry.
    ///
    /// Post-condition: the image is on the engine.
    ///
    /// - Parameters:
    ///   - credentials: for its registry; nil for a pull without a login. They are in no error and no progress.
    ///   - idleLimit: the longest time without progress.
    ///   - report: receives each line of its progress that does not repeat the one before.
    /// - Throws: `EngineError.status` with the registry's reason, also when the engine reports it inside a response
    ///   with status 200; `EngineError.timedOut` when there was no progress for `idleLimit`.
    package func pull(
        _ reference: ImageReference,
        with credentials: RegistryCredentials? = nil,
        idleLimit: Duration = .seconds(90),
        report: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws {
        let watch = IdleWatch(limit: idleLimit)
        let hidden = HiddenTexts(credentials?.secretTexts ?? [])
        do {
            try await firstOf {
                try await readPull(reference, credentials, silence: idleLimit, watch) { report($0.hiding(hidden)) }
            } _: {
                try await watch.waitForSilence()
            }
        } catch let error as EngineError {
            throw hidden.hide(in: error)
        }
    }

    /// - Parameter silence: how long the engine may take to begin its response: it queries the registry first.
    private func readPull(
        _ reference: ImageReference,
        _ credentials: RegistryCredentials?,
        silence: Duration,
        _ watch: IdleWatch,
        _ report: (PullProgress) -> Void
    ) async throws {
        let query = [("fromImage", reference.repository), ("tag", reference.pulledVersion)]
        let lines = try await stream(
            .POST,
            "/images/create",
            query: query,
            headers: try credentials.map { ["X-Registry-Auth": try $0.header()] } ?? [:],
            deadline: silence + .seconds(5),
            decoder: JSONLines<PullProgress>(),
            operation: "pull"
        )
        for try await line in lines {
            if let message = line.failure {
                throw EngineError.status(pullFailureStatus(message), message: singleLine(message))
            }
            if watch.record(line) { report(line) }
        }
    }

    /// The status that the engine would have sent if it had not already sent 200.
    ///
    /// A registry does not say whether an image is missing or only forbidden, so both are 404.
    private func pullFailureStatus(_ message: String) -> Int {
        let text = message.lowercased()
        if tooManyRequests.contains(where: text.contains) { return 429 }
        return missingImage.contains(where: text.contains) ? 404 : 500
    }
}

// The words of Docker's own image store, of containerd's, and of podman, in lower case.
private let tooManyRequests = ["toomanyrequests", "too many requests"]
private let missingImage = [
    "not found", "manifest unknown", "name unknown", "denied", "unauthorized", "403 forbidden", "authorization failed",
    "no matching manifest", "no match for platform",
]

/// Detects that a long operation has stopped making progress.
private final class IdleWatch: Sendable {
    private struct State {
        var lastProgress = ContinuousClock.now
        var lastLines: [String?: PullProgress] = [:]
    }

    private let limit: Duration
    private let state = Mutex(State())

    init(limit: Duration) { self.limit = limit }

    /// Records progress; a line that repeats the last one of its layer does not count: engines with containerd's image
    /// store send each line ten times a second while no data arrives.
    ///
    /// - Returns: whether it counts.
    func record(_ progress: PullProgress) -> Bool {
        state.withLock { state in
            guard state.lastLines[progress.layer] != progress else { return false }
            // No image has that many layers: this bounds the memory that a hostile engine can take.
            if state.lastLines.count < 1000 || state.lastLines[progress.layer] != nil {
                state.lastLines[progress.layer] = progress
            }
            state.lastProgress = .now
            return true
        }
    }

    /// - Throws: `EngineError.timedOut` after `limit` without progress.
    func waitForSilence() async throws {
        while true {
            let end = state.withLock { $0.lastProgress } + limit
            guard end > .now else { throw EngineError.timedOut(limit) }
            try await Task.sleep(until: end, clock: .continuous)
        }
    }
}

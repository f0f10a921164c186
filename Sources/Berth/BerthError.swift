/// Why Berth did not do what it was asked for.
///
/// `code` is stable and for programs; `message` is for people: what is the matter and what to do next, without secrets,
/// SQL or paths of the server.
package struct BerthError: Error, Sendable, Equatable {
    package let code: Code
    package let message: String
    /// Seconds after which a repetition may succeed; nil where it will not by itself.
    package let retryAfter: Int?

    package enum Code: String, Sendable {
        case appExists = "app_exists"
        case appNotFound = "app_not_found"
        case appHasRunningContainers = "app_has_running_containers"
        case releaseNotFound = "release_not_found"
        case releaseChanged = "release_changed"
        case runNotFound = "run_not_found"
        case runStateConflict = "run_state_conflict"
        case invalidOverrides = "invalid_overrides"
        case idempotencyInProgress = "idempotency_in_progress"
        case hostNotFound = "host_not_found"
        case hostUnreachable = "host_unreachable"
        case hostBusy = "host_busy"
        case fingerprintMismatch = "fingerprint_mismatch"
        case nothingToTrust = "nothing_to_trust"
        case engineError = "engine_error"
        case engineTimeout = "engine_timeout"
    }

    package init(_ code: Code, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    package static let inProgress = BerthError(
        .idempotencyInProgress,
        "The first request with this Idempotency-Key is still being carried out. Try again in a moment.",
        retryAfter: 1
    )

    static func releaseNotFound(of app: AppName) -> BerthError {
        BerthError(.releaseNotFound, "There is no such release of \(app). GET /v1/apps/\(app)/releases lists them.")
    }

    static func releaseChanged(_ app: AppName, to release: Int) -> BerthError {
        BerthError(
            .releaseChanged,
            "The app \(app) is at release \(release) by now. Read it again, and send its ETag with what you change."
        )
    }

    static func runNotFound(_ name: RunName) -> BerthError {
        BerthError(.runNotFound, "There is no run \(name). GET /v1/runs lists those that are there.")
    }

    static func appNotFound(_ name: AppName) -> BerthError {
        BerthError(.appNotFound, "There is no app \(name). GET /apps/ lists those that are there.")
    }
}

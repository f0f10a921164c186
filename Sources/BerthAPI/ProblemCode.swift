/// Why a request failed: a stable code for programs.
package enum ProblemCode: String, Sendable, CaseIterable {
    case malformedJSON = "malformed_json"
    case malformedRequest = "malformed_request"
    case invalidPrecondition = "invalid_precondition"
    case invalidIdempotencyKey = "invalid_idempotency_key"
    case badRequest = "bad_request"
    case unauthenticated
    case forbidden
    case crossOrigin = "cross_origin"
    case policyDenied = "policy_denied"
    case routeNotFound = "route_not_found"
    case noMetrics = "no_metrics"
    case appNotFound = "app_not_found"
    case releaseNotFound = "release_not_found"
    case runNotFound = "run_not_found"
    case hostNotFound = "host_not_found"
    case execNotFound = "exec_not_found"
    case imageNotFound = "image_not_found"
    case secretNotFound = "secret_not_found"
    case registryNotFound = "registry_not_found"
    case tokenNotFound = "token_not_found"
    case methodNotAllowed = "method_not_allowed"
    case notReached = "not_reached"
    case appExists = "app_exists"
    case appHasRunningContainers = "app_has_running_containers"
    case runStateConflict = "run_state_conflict"
    case execEnded = "exec_ended"
    case imageInUse = "image_in_use"
    case hostExists = "host_exists"
    case hostFromFlag = "host_from_flag"
    case hostInUse = "host_in_use"
    case hostDrained = "host_drained"
    case tooManyHosts = "too_many_hosts"
    case secretUnreadable = "secret_unreadable"
    case tooManySecrets = "too_many_secrets"
    case tooManyRegistries = "too_many_registries"
    case tokenExists = "token_exists"
    case tooManyTokens = "too_many_tokens"
    case idempotencyInProgress = "idempotency_in_progress"
    case fingerprintMismatch = "fingerprint_mismatch"
    case nothingToTrust = "nothing_to_trust"
    case conflict
    case releaseChanged = "release_changed"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case misdirectedRequest = "misdirected_request"
    case invalidFields = "invalid_fields"
    case invalidOverrides = "invalid_overrides"
    case idempotencyKeyReused = "idempotency_key_reused"
    case tooManyRequests = "too_many_requests"
    case rateLimited = "rate_limited"
    case clientClosedRequest = "client_closed_request"
    case internalError = "internal_error"
    case engineError = "engine_error"
    case hostUnreachable = "host_unreachable"
    case hostBusy = "host_busy"
    case tooManySessions = "too_many_sessions"
    case storeUnavailable = "store_unavailable"
    case serverStopping = "server_stopping"
    case execTimeout = "exec_timeout"
    case engineTimeout = "engine_timeout"
    case storeFull = "store_full"

    /// The HTTP status of the response.
    package var status: Int {
        switch self {
        case .malformedJSON, .malformedRequest, .invalidPrecondition, .invalidIdempotencyKey, .badRequest: 400
        case .unauthenticated: 401
        case .crossOrigin, .forbidden, .policyDenied: 403
        case .routeNotFound, .noMetrics, .appNotFound, .releaseNotFound, .runNotFound, .hostNotFound, .execNotFound,
            .imageNotFound, .secretNotFound, .registryNotFound, .tokenNotFound:
            404
        case .methodNotAllowed: 405
        case .notReached: 408
        case .appExists, .appHasRunningContainers, .runStateConflict, .execEnded, .imageInUse, .idempotencyInProgress,
            .fingerprintMismatch, .nothingToTrust, .hostExists, .hostFromFlag, .hostInUse, .hostDrained, .tooManyHosts,
            .secretUnreadable, .tooManySecrets, .tooManyRegistries, .tokenExists, .tooManyTokens, .conflict:
            409
        case .releaseChanged: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .misdirectedRequest: 421
        case .invalidFields, .invalidOverrides, .idempotencyKeyReused: 422
        case .tooManyRequests, .rateLimited: 429
        // nginx's status; appears in the log and the metrics only.
        case .clientClosedRequest: 499
        case .internalError: 500
        case .engineError: 502
        case .hostUnreachable, .hostBusy, .tooManySessions, .storeUnavailable, .serverStopping: 503
        case .execTimeout, .engineTimeout: 504
        case .storeFull: 507
        }
    }
}

/// When an engine starts a container again by itself; `HostConfig.RestartPolicy.Name`.
///
/// Used by `POST /containers/create` and `GET /containers/{id}/json`.
package enum RestartPolicy: String, Encodable, Sendable, CaseIterable {
    case no
    /// After an exit code other than 0.
    case onFailure = "on-failure"
    case always
    /// Like ``always``, but one that was stopped stays so when the engine itself starts again.
    case unlessStopped = "unless-stopped"
}

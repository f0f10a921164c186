/// What a container's health check has found; `State.Health.Status`, which is `none` where there is no check.
package enum ContainerHealth: String, Sendable {
    case starting
    case healthy
    case unhealthy
}

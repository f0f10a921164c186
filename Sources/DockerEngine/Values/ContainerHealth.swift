/// The result of a container's health check: `State.Health.Status`, which is `none` without a check.
package enum ContainerHealth: String, Sendable {
    case starting
    case healthy
    case unhealthy
}

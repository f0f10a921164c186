/// The permission that a client needs to call a route.
package enum Permission: String, Sendable {
    /// No token is needed.
    case anyone
    /// To see apps, runs and their output, hosts, images and the policy.
    case view
    /// To run apps, to execute commands in containers, and to pull images.
    case run
    /// To make, change and delete apps and their secrets.
    case edit
    /// To manage tokens, hosts, logins for registries and the policy, to remove images, and to read the audit log.
    case administer
}

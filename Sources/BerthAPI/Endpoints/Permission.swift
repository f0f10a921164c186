/// The permission that a client needs to call a route.
package enum Permission: String, Sendable {
    /// No token is needed.
    case anyone
    /// To see apps, runs, hosts and images.
    case view
    /// To run apps, and to pull images for them.
    case run
    /// To make, change and delete apps.
    case edit
    /// To decide about hosts, and to remove their images.
    case administer
}

/// What one has to be allowed in order to call a route.
///
/// Nobody is asked for it yet; each route states it from the start.
package enum Permission: String, Sendable {
    /// Nothing.
    case anyone
    /// To see apps, runs and hosts.
    case view
    /// To run apps.
    case run
    /// To make, change and delete apps.
    case edit
    /// To decide about hosts.
    case administer
}

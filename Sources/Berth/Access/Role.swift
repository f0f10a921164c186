/// What a principal may do with the apps in its scope.
package enum Role: String, Sendable, CaseIterable {
    /// Reads apps without the values of their variables, runs and their output.
    case viewer
    /// Also creates, changes, deletes, runs and enters apps, and sets their secrets.
    case deployer
    /// Also decides about tokens, hosts, registries and the policy, and reads the audit log.
    case admin
}

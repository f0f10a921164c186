import Synchronization

/// The policy that is in force, in memory; a change is stored first.
package final class Policies: Sendable {
    private let policy: Mutex<Policy>
    private let store: Store
    /// Two changes are stored and come into force in the same order.
    private let changes = AsyncSemaphore(permits: 1)

    init(store: Store) async throws {
        policy = Mutex(try await store.policy() ?? Policy())
        self.store = store
    }

    package var current: Policy { policy.withLock { $0 } }

    /// Puts another policy in force for all later requests.
    package func replace(with new: Policy, by caller: Caller) async throws {
        try await changes.withPermit {
            try await store.keep(new, by: caller, at: .now())
            policy.withLock { $0 = new }
        }
    }

    /// Why an app must not have these settings; nil if it may.
    func objection(to settings: AppSettings) -> BerthError? {
        current.denial(of: settings).map { .policyDenied($0) }
    }
}

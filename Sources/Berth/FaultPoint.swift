import FoundationEssentials
import Glibc

/// Named points between the steps of a start, a restore, a new key or the first token, at which a test kills the process as
/// `kill -9` does.
///
/// `BERTH_FAULT_POINT` names one. Release builds have none.
package enum FaultPoint: String {
    case afterRecord = "after-record"
    case afterEnqueue = "after-enqueue"
    case beforeCreate = "before-create"
    case afterCreate = "after-create"
    case beforeStart = "before-start"
    case afterStart = "after-start"
    case beforeRecordStarted = "before-record-started"
    case afterRecordStarted = "after-record-started"
    case beforeRemove = "before-remove"
    case afterRemove = "after-remove"
    case afterRestoreBuild = "after-restore-build"
    case afterRestoreKeep = "after-restore-keep"
    case beforeRestoreSwap = "before-restore-swap"
    case afterRestoreSwap = "after-restore-swap"
    case afterNewKey = "after-new-key"
    case afterEncryption = "after-encryption"
    case beforeAdminTokenStore = "before-admin-token-store"
    case afterAdminTokenStore = "after-admin-token-store"

    package func reach() {
        #if DEBUG
            guard ProcessInfo.processInfo.environment["BERTH_FAULT_POINT"] == rawValue else { return }
            kill(getpid(), SIGKILL)
        #endif
    }
}

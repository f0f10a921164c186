import GRDB
import Glibc
import Testing

@testable import Berth
@testable import SQL

/// What a full disk is called by SQLite and by MySQL.
@Suite struct StoreFullTests {
    @Test(
        arguments: [
            (.SQLITE_FULL, 0), (.SQLITE_IOERR_WRITE, EDQUOT), (.SQLITE_IOERR_FSYNC, ENOSPC),
            (.SQLITE_IOERR_SHMSIZE, ENOSPC), (.SQLITE_CANTOPEN, ENOSPC), (.SQLITE_CANTOPEN, EDQUOT),
        ] as [(ResultCode, Int32)]
    )
    func `SQLite says in several ways that there is no room`(code: ResultCode, systemError: Int32) {
        #expect(SQLError(DatabaseError(resultCode: code), systemError: systemError) == .full)
    }

    @Test(
        arguments: [
            (.SQLITE_IOERR_WRITE, EIO), (.SQLITE_CANTOPEN, EMFILE), (.SQLITE_BUSY, ENOSPC),
        ] as [(ResultCode, Int32)]
    )
    func `Other faults of a disk are no full disk`(code: ResultCode, systemError: Int32) {
        guard case .unavailable = SQLError(DatabaseError(resultCode: code), systemError: systemError) else {
            Issue.record("it is something else")
            return
        }
    }

    @Test(
        arguments: [
            (1114, "The table 'runs' is full"), (1021, "Disk full (/tmp); waiting for someone to free some space..."),
            (1030, "Got error 28 \"No space left on device\" from storage engine InnoDB"),
            (1026, "Error writing file './berth/runs.MYD' (errno: 28 \"No space left on device\")"),
            (3, "Error writing file '/tmp/x' (Errcode: 28 \"No space left on device\")"),
            (1026, "Error writing file 'x' (errno: 122 \"Disk quota exceeded\")"),
        ] as [(UInt32, String)]
    )
    func `MySQL says in several ways that there is no room`(code: UInt32, message: String) {
        #expect(MySQLFailure(code, message).storeError == .full)
    }

    @Test func `Another error of a file is no full disk`() {
        let failure = MySQLFailure(1026, "Error writing file 'x' (errno: 5 \"Input/output error\")")
        #expect(failure.storeError != .full)
    }
}

import GRDB
import Glibc
import Testing

@testable import Berth
@testable import SQL

/// The error codes of SQLite and MySQL for a full disk.
@Suite struct StoreFullTests {
    @Test(
        arguments: [
            (.SQLITE_FULL, 0), (.SQLITE_IOERR_WRITE, EDQUOT), (.SQLITE_IOERR_FSYNC, ENOSPC),
            (.SQLITE_IOERR_SHMSIZE, ENOSPC), (.SQLITE_CANTOPEN, ENOSPC), (.SQLITE_CANTOPEN, EDQUOT),
        ] as [(ResultCode, Int32)]
    )
    func `Several SQLite errors mean a full disk`(code: ResultCode, systemError: Int32) {
        #expect(SQLError(DatabaseError(resultCode: code), systemError: systemError) == .full)
    }

    @Test(
        arguments: [
            (.SQLITE_IOERR_WRITE, EIO), (.SQLITE_CANTOPEN, EMFILE), (.SQLITE_BUSY, ENOSPC),
        ] as [(ResultCode, Int32)]
    )
    func `Other disk errors of SQLite do not mean a full disk`(code: ResultCode, systemError: Int32) {
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
    func `Several MySQL errors mean a full disk`(code: UInt32, message: String) {
        #expect(MySQLFailure(code, message).storeError == .full)
    }

    @Test func `Another file error of MySQL does not mean a full disk`() {
        let failure = MySQLFailure(1026, "Error writing file 'x' (errno: 5 \"Input/output error\")")
        #expect(failure.storeError != .full)
    }
}

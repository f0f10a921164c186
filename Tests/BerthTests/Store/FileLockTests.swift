import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite struct FileLockTests {
    @Test func `A path is locked by one holder until it lets go`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/lock"
            do {
                let held = try FileLock(path: path, guarding: "the state")
                #expect(throws: OpeningError.inUse("the state")) {
                    try FileLock(path: path, guarding: "the state")
                }
                withExtendedLifetime(held) {}
            }
            _ = try FileLock(path: path, guarding: "the state")
        }
    }

    @Test func `Two paths are two locks`() async throws {
        try await withTemporaryDirectory { directory in
            let one = try FileLock(path: directory + "/one", guarding: "one")
            let two = try FileLock(path: directory + "/two", guarding: "two")
            withExtendedLifetime((one, two)) {}
        }
    }

    @Test func `An error in creating a lock names the path`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/missing/lock"
            #expect(throws: OpeningError.unreadable("\(path): No such file or directory")) {
                try FileLock(path: path, guarding: "the state")
            }
        }
    }
}

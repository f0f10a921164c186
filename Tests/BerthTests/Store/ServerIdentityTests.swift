import FoundationEssentials
import Logging
import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite struct ServerIdentityTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `A lost database is created again under the identity in the file`() async throws {
        try await withTemporaryDirectory { directory in
            let identity = ServerIdentity(path: directory + "/instance")
            #expect(identity.kept == nil)
            let first = try await Store.open(
                DatabaseURL("sqlite:\(directory)/a.db"),
                identity: identity.kept,
                logger: logger
            )
            try identity.keep(first.instance)
            let second = try await Store.open(
                DatabaseURL("sqlite:\(directory)/b.db"),
                identity: identity.kept,
                logger: logger
            )
            #expect(second.instance == first.instance)
        }
    }

    @Test func `A database that has an identity keeps it, and the file is updated`() async throws {
        try await withTemporaryDirectory { directory in
            let identity = ServerIdentity(path: directory + "/instance")
            try identity.keep(String(repeating: "a", count: 26))
            let store = try await Store.open(
                DatabaseURL("sqlite:\(directory)/a.db"),
                identity: String(repeating: "b", count: 26),
                logger: logger
            )
            #expect(store.instance == String(repeating: "b", count: 26))
            try identity.keep(store.instance)
            #expect(identity.kept == store.instance)
        }
    }

    @Test(arguments: ["", "\n", "short", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", String(repeating: "a", count: 27), "../../etc"])
    func `A text that Berth never writes is not read as an identity`(text: String) async throws {
        try await withTemporaryDirectory { directory in
            try Data(text.utf8).write(to: URL(filePath: directory + "/instance"))
            #expect(ServerIdentity(path: directory + "/instance").kept == nil)
        }
    }
}

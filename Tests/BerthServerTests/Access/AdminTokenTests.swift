import Foundation
import Glibc
import Logging
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct AdminTokenTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Calls `body` with a fresh state directory, and a function that starts the server there: it returns the tokens.
    private func withStarts(_ body: (String, () async throws -> Tokens) async throws -> Void) async throws {
        let store = try await Store.inMemory()
        try await withTemporaryDirectory { directory in
            try await body(directory) {
                let tokens = try await Tokens(store: store, execs: ExecSessions(), logger: logger)
                try await AdminToken(stateDirectory: directory).make(in: tokens, logger: logger)
                return tokens
            }
        }
    }

    private func read(_ file: String) throws -> TokenText {
        TokenText(try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines))
    }

    @Test func `The first start makes a token for its owner alone, and later ones keep it`() async throws {
        try await withStarts { directory, start in
            let file = directory + "/admin-token"
            let tokens = try await start()
            let text = try read(file)
            #expect(tokens.principal(of: text)?.role == .admin)
            #expect(tokens.principal(of: text)?.name == "admin")
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(try await start().all.count == 1)
            #expect(try read(file).text == text.text)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["admin-token"])
        }
    }

    @Test func `After a crash before the token is stored, the next start stores that token`() async throws {
        try await withStarts { directory, start in
            let text = TokenText.newToken()
            try (text.text + "\n").write(toFile: directory + "/admin-token.new", atomically: true, encoding: .utf8)
            #expect(try await start().principal(of: text)?.role == .admin)
            #expect(try read(directory + "/admin-token").text == text.text)
            #expect(!FileManager.default.fileExists(atPath: directory + "/admin-token.new"))
        }
    }

    @Test func `After a crash before the file has its name, the next start names it`() async throws {
        try await withStarts { directory, start in
            let tokens = try await start()
            try FileManager.default.moveItem(atPath: directory + "/admin-token", toPath: directory + "/admin-token.new")
            let again = try await start()
            #expect(again.all.map(\.id) == tokens.all.map(\.id))
            #expect(again.principal(of: try read(directory + "/admin-token")) != nil)
        }
    }

    @Test func `A lost file is not made again while an administrator has a token`() async throws {
        try await withStarts { directory, start in
            _ = try await start()
            try FileManager.default.removeItem(atPath: directory + "/admin-token")
            #expect(try await start().all.count == 1)
            #expect(!FileManager.default.fileExists(atPath: directory + "/admin-token"))
        }
    }

    @Test func `When no administrator has a token, a start makes a new one, never the revoked one`() async throws {
        try await withStarts { directory, start in
            let tokens = try await start()
            let revoked = try read(directory + "/admin-token")
            _ = try await tokens.create(TokenName("ci"), .deployer, .everything, lifetime: nil, by: Caller(.local))
            try await tokens.revoke(try #require(tokens.principal(of: revoked)?.id))
            let again = try await start()
            #expect(again.principal(of: revoked) == nil)
            #expect(again.principal(of: try read(directory + "/admin-token"))?.role == .admin)
            #expect(again.all.count == 2)
        }
    }

    @Test func `A name that is taken gets a number`() async throws {
        try await withStarts { directory, start in
            let tokens = try await start()
            try await tokens.revoke(try #require(tokens.all.first?.id))
            _ = try await tokens.create(TokenName("admin"), .viewer, .everything, lifetime: nil, by: Caller(.local))
            #expect(try await start().principal(of: try read(directory + "/admin-token"))?.name == "admin-2")
        }
    }

    @Test(arguments: ["", "berth_", "x", "berth_" + String(repeating: "A", count: 52)])
    func `What is no token is replaced`(_ text: String) async throws {
        try await withStarts { directory, start in
            try text.write(toFile: directory + "/admin-token.new", atomically: true, encoding: .utf8)
            let tokens = try await start()
            #expect(tokens.principal(of: try read(directory + "/admin-token"))?.role == .admin)
        }
    }
}

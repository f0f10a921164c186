import Foundation
import Testing

/// `SECURITY.md` names a test for each promise.
@Suite struct SecurityDocumentTests {
    private let document: String
    /// The texts of all test files.
    private let sources: [String]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        document = try String(contentsOf: root.appending(path: "SECURITY.md"), encoding: .utf8)
        let folder = root.appending(path: "Tests").path
        sources = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix("Tests.swift") }.map
        {
            try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
        }
    }

    @Test func `Each promise in SECURITY.md names a test that exists`() throws {
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| ") }
        let promises = rows.compactMap { $0.wholeMatch(of: #/\| (.+) \| `(\w+)`: (.+) \|/#)?.output }
        #expect(promises.count >= 30)
        for (_, promise, suite, test) in promises {
            #expect(exists(String(test), in: String(suite)), "\(promise) \(suite): \(test)")
        }
        // No promise is without a test.
        let tables = document.components(separatedBy: "| promise | test |\n| --- | --- |\n").dropFirst()
        let count = tables.reduce(0) {
            $0 + $1.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }.count
        }
        #expect(promises.count == count)
    }

    @Test func `A test that does not exist is noticed`() {
        let name = "A test that does not exist is noticed"
        #expect(exists(name, in: "SecurityDocumentTests"))
        #expect(!exists(name + " too", in: "SecurityDocumentTests"))
        #expect(!exists(name, in: "OtherTests"))
    }

    private func exists(_ test: String, in suite: String) -> Bool {
        sources.contains { source in
            source.contains("struct \(suite) ")
                && (source.contains("func `\(test)`") || source.contains("@Test(\"\(test)\"")
                    || source.contains("        \"\(test)\","))
        }
    }
}

import Foundation
import Testing

/// `docs/operations.md` lists each option of `berth serve` with its variable.
@Suite struct OptionsDocumentTests {
    private let document: String
    /// The texts of the files with commands and groups of options.
    private let sources: [String]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        document = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
        let folder = root.appending(path: "Sources/BerthCLI").path
        sources = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
        }
    }

    @Test func `The table of flags in the documents has each option of berth serve with its variable`() throws {
        let head = try #require(document.firstRange(of: "| flag | variable | default | meaning |\n"))
        let rows = document[head.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .prefix { !$0.isEmpty }.map { $0.split(separator: "|").prefix(2).joined(separator: "|") }
        #expect(try rows.sorted() == options(of: "Serve").sorted())
    }

    /// The beginnings of the rows for a command, or for a group of options, by its source.
    private func options(of type: String) throws -> [String] {
        let source = try #require(sources.compactMap { Self.body(of: type, in: $0) }.first, "no source of \(type)")
        let keys = source.matches(of: #/flags\.set\("([a-z-]+)", (\w+)/#).map { (property: $0.2, key: $0.1) }
        let declarations = source.matches(
            of: #/@(OptionGroup|Option|Flag)\b(.*?)\n    var (\w+)(?:: (\w+))?/#.dotMatchesNewlines()
        )
        return try declarations.flatMap { declaration in
            let (_, attribute, arguments, property, group) = declaration.output
            guard attribute != "OptionGroup" else { return try options(of: String(try #require(group))) }
            let name =
                arguments.firstMatch(of: #/\.customLong\("([a-z-]+)"\)/#).map { String($0.1) }
                ?? String(property).replacing(#/[A-Z]/#) { "-" + $0.output.lowercased() }
            let key = try #require(keys.first { $0.property == property }, "\(property) has no variable").key
            let variable = "BERTH_" + key.uppercased().replacing("-", with: "_")
            return [" `--\(name)` | `\(variable)\(attribute == "Flag" ? "=true" : "")` "]
        }
    }

    private static func body(of type: String, in source: String) -> Substring? {
        guard let start = source.firstRange(of: "struct \(type): ")?.upperBound else { return nil }
        let rest = source[start...]
        return rest[..<(rest.firstRange(of: "\n}\n")?.lowerBound ?? rest.endIndex)]
    }
}

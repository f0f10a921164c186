extension MySQLAddress {
    /// The command that backs up the database with the database server's own tool, which asks for the password.
    package func dumpCommand(to file: String) -> String {
        let server =
            switch place {
            case .tcp(let host, let port): ["--protocol=tcp", "--host=\(host)", "--port=\(port)"]
            case .socket(let path): ["--socket=\(path)"]
            }
        let words =
            ["mariadb-dump", "--single-transaction", "--no-tablespaces"] + server + [
                "--user=\(user)", "--password", database,
            ]
        return words.map(Self.quoted).joined(separator: " ") + " > " + Self.quoted(file)
    }

    /// Quotes a word for a shell where necessary.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { isPartOfName($0) || "/=:".utf8.contains($0) }
        guard !isPlain || word.isEmpty else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

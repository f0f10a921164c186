package import JSON

/// A command to execute in a run's container.
package struct ExecRequest: Sendable, Equatable {
    package let command: Command
    /// In addition to the container's own; replace those of the same name.
    package let variables: Variables
    /// Nil means the container's own user; likewise below.
    package let user: String?
    package let workingDirectory: String?
    /// Nil without a terminal.
    package let terminal: TerminalSize?
    package let takesInput: Bool

    package init(
        command: Command,
        variables: Variables = Variables(),
        user: String? = nil,
        workingDirectory: String? = nil,
        terminal: TerminalSize? = nil,
        takesInput: Bool = false
    ) {
        self.command = command
        self.variables = variables
        self.user = user
        self.workingDirectory = workingDirectory
        self.terminal = terminal
        self.takesInput = takesInput
    }
}

/// The size of a terminal, in characters.
package struct TerminalSize: Sendable, Equatable {
    package let rows: Int
    package let columns: Int

    package static let range = 1...1000

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    /// Reads the size from the fields of an object; 24 × 80 without them.
    package init(_ reader: inout ObjectReader) {
        rows = reader.optional("rows", .integer(in: Self.range)) ?? 24
        columns = reader.optional("columns", .integer(in: Self.range)) ?? 80
    }
}

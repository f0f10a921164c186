import Berth
import JSON

/// A client's request to execute a command, validated.
struct ExecInput: Sendable {
    let request: ExecRequest
    let mode: Mode

    enum Mode: Sendable {
        /// The response has the output and the exit code.
        case once(stdin: String?, timeout: Duration)
        case session
    }

    init(_ json: JSONValue) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body)
    }

    static let schema = ObjectReader.schema(title: "ExecRequest") { body in _ = try? ExecInput(&body) }

    private init(_ body: inout ObjectReader) throws(FieldErrors) {
        // A line without words is no command.
        let command = body.required("command", .command)?.flatMap { $0 }
        let variables = body.optional("variables", .variables) ?? Variables()
        let user = body.optional("user", .user)
        let workingDirectory = body.optional("working_dir", .workingDirectory)
        let timeout = body.optional("timeout", .integer(in: 1...86_400))
        let stdin = body.optional("stdin", .string())
        let isSession = body.optional("interactive", .boolean) ?? false
        let hasTTY = body.optional("tty", .boolean) ?? false
        let size = TerminalSize(&body)
        if isSession, timeout != nil { body.reject("timeout", "is not for interactive sessions") }
        if isSession, stdin != nil { body.reject("stdin", "is not for interactive sessions; send it to …/input") }
        if hasTTY, !isSession { body.reject("tty", "needs \"interactive\": true") }
        if command == nil, !body.hasErrors { body.reject("command", "must have at least one word") }
        request = ExecRequest(
            command: try body.finish(command),
            variables: variables,
            user: user,
            workingDirectory: workingDirectory,
            terminal: hasTTY ? size : nil,
            takesInput: isSession || stdin != nil
        )
        mode = isSession ? .session : .once(stdin: stdin, timeout: .seconds(timeout ?? 60))
    }
}

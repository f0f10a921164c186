import Subprocess
import Synchronization
import SystemPackage

/// One ssh process, started through `setpriv` so that it ends when this process ends for any reason.
///
/// The only code that starts a process. No shell is involved: every argument reaches ssh unchanged.
struct SSHProcess: Sendable {
    let arguments: [String]
    let settings: SSHSettings

    /// How ssh ended, and the last part of what it wrote to its standard error.
    struct Exit: Sendable {
        /// Nil if ssh was ended by a signal.
        let code: Int32?
        let standardError: String
    }

    /// Runs ssh beside `body` until either ends: if `body` does, ssh is terminated; if ssh does, `body` is cancelled.
    ///
    /// - Returns: the result of `body`, or how ssh ended.
    func run<Result: Sendable>(
        beside body: @escaping @Sendable () async throws -> Result
    ) async throws -> Outcome<Result> {
        let words = Tail()
        let execution = try await Subprocess.run(
            .name("setpriv"),
            arguments: commandLine,
            environment: environment,
            platformOptions: options,
            // Kept open: an ssh with a pty session ends when its standard input does.
            input: .inputWriter,
            output: .discarded,
            error: .sequence
        ) { process in
            let result = try await race(process.standardError, words, body)
            if result != nil { await process.teardown(using: Self.ending) }
            return result
        }
        if let result = execution.closureResult { return .body(result) }
        return .exited(Exit(code: execution.terminationStatus.exitCode, standardError: words.text))
    }

    /// Runs ssh to its end.
    ///
    /// - Returns: nil if it took longer than `limit` and was terminated.
    func run(within limit: Duration) async throws -> Exit? {
        let outcome = try await run { try? await Task.sleep(for: limit) }
        try Task.checkCancellation()
        return if case .exited(let exit) = outcome { exit } else { nil }
    }

    /// Runs ssh with `socket` as its standard input and output, to its end or until the task is cancelled.
    func run(over socket: FileDescriptor) async throws -> Exit {
        let words = Tail()
        let execution = try await Subprocess.run(
            .name("setpriv"),
            arguments: commandLine,
            environment: environment,
            platformOptions: options,
            input: .fileDescriptor(socket, closeAfterSpawningProcess: false),
            output: .fileDescriptor(socket, closeAfterSpawningProcess: false),
            error: .sequence
        ) { process in
            for try await buffer in process.standardError { words.append(buffer) }
        }
        return Exit(code: execution.terminationStatus.exitCode, standardError: words.text)
    }

    private var commandLine: Arguments { Arguments(["--pdeathsig", "TERM", "--", "ssh"] + arguments) }

    private var environment: Environment {
        .custom(Dictionary(uniqueKeysWithValues: settings.environment.map { (.init(stringLiteral: $0), $1) }))
    }

    enum Outcome<Result: Sendable>: Sendable {
        case body(Result)
        case exited(Exit)
    }

    /// Nil when ssh closed its standard error, which happens when it exits.
    private func race<Result: Sendable>(
        _ standardError: SubprocessOutputSequence,
        _ words: Tail,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await firstOf {
            for try await buffer in standardError { words.append(buffer) }
            try Task.checkCancellation()
            return nil
        } _: {
            try await body()
        }
    }

    private static let ending: [TeardownStep] = [
        .send(signal: .terminate, allowedDurationToNextStep: .seconds(2))
    ]

    private var options: PlatformOptions {
        var options = PlatformOptions()
        // A separate session: this process handles Ctrl-C in its terminal, and ssh has no terminal to prompt for a
        // password.
        options.createSession = true
        options.teardownSequence = Self.ending
        return options
    }
}

/// The last 8 KiB of the output.
private final class Tail: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func append(_ buffer: SubprocessOutputSequence.Buffer) {
        let new = buffer.withUnsafeBytes { Array($0) }
        bytes.withLock { bytes in
            bytes.append(contentsOf: new)
            bytes.removeFirst(max(0, bytes.count - 8192))
        }
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

extension TerminationStatus {
    fileprivate var exitCode: Int32? {
        if case .exited(let code) = self { code } else { nil }
    }
}

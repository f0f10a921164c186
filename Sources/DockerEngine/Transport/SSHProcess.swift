import Subprocess
import Synchronization
import SystemPackage

/// One ssh, started through `setpriv` so that it is gone as soon as this process is, however that ends.
///
/// The only place that starts a process. No shell: every argument reaches ssh as it is written here.
struct SSHProcess: Sendable {
    let arguments: [String]
    let settings: SSHSettings

    /// How ssh ended, and the end of what it wrote to its standard error.
    struct Exit: Sendable {
        /// Nil after a signal.
        let code: Int32?
        let standardError: String
    }

    /// Runs ssh beside `body` until either is done: when `body` is, ssh is ended; when ssh is, `body` is cancelled.
    ///
    /// - Returns: what `body` returned, or how ssh ended.
    func run<Result: Sendable>(
        beside body: @escaping @Sendable () async throws -> Result
    ) async throws -> Outcome<Result> {
        let words = Tail()
        let execution = try await Subprocess.run(
            .name("setpriv"),
            arguments: commandLine,
            environment: environment,
            platformOptions: options,
            // Held open: an ssh with a pty session ends with its standard input.
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
    /// - Returns: nil where it took longer than this and was ended.
    func run(within limit: Duration) async throws -> Exit? {
        let outcome = try await run { try? await Task.sleep(for: limit) }
        try Task.checkCancellation()
        return if case .exited(let exit) = outcome { exit } else { nil }
    }

    /// Runs ssh with a socket of ours as its standard input and output, to its end or until the task is cancelled.
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

    /// Nil when ssh closed its standard error, which it does when it ends.
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
        // A session of its own: Ctrl-C in our terminal is for us to act on, and there is no terminal to ask for a password.
        options.createSession = true
        options.teardownSequence = Self.ending
        return options
    }
}

/// The last 8 KiB that were written.
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

import Crypto
import FoundationEssentials
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization

/// The server's certificate and its key, which are read again when their files change.
final class ServerCertificate: Service {
    private struct State {
        /// For new connections; those that are open keep theirs.
        var context: NIOSSLContext
        /// The last content that was tried, whether it is valid or not.
        var tried: Content
        /// The content that was read last.
        var latest: Content
    }

    /// What the two files hold.
    private enum Content: Equatable {
        case bytes(SHA256Digest)
        case unreadable(path: String)
    }

    private let files: TLSFiles
    private let interval: Duration
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter interval: between two looks at the files. New content is used when two looks have found the same, so
    ///   that a file that is being written is not read too early.
    /// - Throws: ``SettingsError``.
    init(_ files: TLSFiles, interval: Duration = .seconds(5), logger: Logger) throws(SettingsError) {
        (self.files, self.interval, self.logger) = (files, interval, logger)
        let content = Self.content(of: files)
        let context = try Self.context(files)
        state = Mutex(State(context: context, tried: content, latest: content))
    }

    /// For a new connection.
    var context: NIOSSLContext { state.withLock { $0.context } }

    func run() async {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                look()
            }
        }
    }

    private func look() {
        let content = Self.content(of: files)
        let isNew = state.withLock { state in
            defer { state.latest = content }
            guard content != state.tried, content == state.latest else { return false }
            state.tried = content
            return true
        }
        guard isNew else { return }
        do throws(SettingsError) {
            let context = try Self.context(files)
            state.withLock { $0.context = context }
            logger.notice("The new certificate of \(files.certificate) is used from now on.")
        } catch {
            logger.error("The certificate in use is kept, since the new one cannot be used. \(error)")
        }
    }

    private static func content(of files: TLSFiles) -> Content {
        var hash = SHA256()
        for path in [files.certificate, files.key] {
            guard let bytes = FileManager.default.contents(atPath: path) else { return .unreadable(path: path) }
            hash.update(data: Array(SHA256.hash(data: bytes)))
        }
        return .bytes(hash.finalize())
    }

    private static func context(_ files: TLSFiles) throws(SettingsError) -> NIOSSLContext {
        let chain = try pem(files.certificate, "--tls-certificate", "certificates", NIOSSLCertificate.fromPEMBytes)
        guard !chain.isEmpty else { throw SettingsError("--tls-certificate: \(files.certificate) has no certificate") }
        let key = try pem(files.key, "--tls-key", "a private key without a password") { bytes in
            try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SettingsError("--tls-key: \(files.key) is not the key of the certificate in \(files.certificate)")
        }
    }

    private static func pem<Result>(
        _ path: String,
        _ flag: String,
        _ content: String,
        _ parse: ([UInt8]) throws -> Result
    ) throws(SettingsError) -> Result {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(flag): \(path) cannot be read")
        }
        do {
            return try parse(Array(bytes))
        } catch {
            throw SettingsError("\(flag): \(path) must hold \(content) as PEM")
        }
    }
}

/// The files of ``ServerCertificate``, as PEM.
package struct TLSFiles: Sendable, Equatable {
    /// The certificate, and those that lead to its authority.
    package let certificate: String
    package let key: String
}

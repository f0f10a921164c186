import Glibc
import Hummingbird
import Logging
import NIOCore

/// Hummingbird's own hello-world on loopback: the yardstick for what the framework alone can answer.
@main
struct Hello {
    static func main() async throws {
        let address = CommandLine.arguments.dropFirst().first ?? "127.0.0.1:0"
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]) else {
            print("usage: HelloServer HOST:PORT, where port 0 is one of the kernel's choice")
            return
        }
        let host = String(address[..<colon])
        let router = Router(context: BasicRequestContext.self)
        router.get("/") { _, _ in "Hello" }
        var logger = Logger(label: "hello")
        logger.logLevel = .warning
        let application = Application(
            router: router,
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in ready(on: host, channel) },
            logger: logger
        )
        try await application.runService()
    }
}

private func ready(on host: String, _ channel: any Channel) {
    print("ready on http://\(host):\(channel.localAddress?.port ?? 0)")
    // Standard output may be a pipe, which would hold the line back.
    fflush(nil)
}

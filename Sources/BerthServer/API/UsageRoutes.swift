import Berth
import BerthAPI
import DockerEngine
import HTTPTypes
import Hummingbird
import JSON
import ServiceLifecycle

/// What runs use.
struct UsageRoutes: Sendable {
    let usage: RunUsage

    var routes: [Route] {
        [Route(.runStats, get)]
    }

    @Sendable private func get(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.runName()
        guard try request.flag("follow") else {
            return Response(.ok, UsageJSON(try await usage.sample(of: name)).json)
        }
        let followed = try await usage.follow(name)
        return Response(streaming: "application/x-ndjson", request, context) { output in
            // When the server stops, the response ends without its last chunk: the run has not finished.
            try await cancelWhenGracefulShutdown {
                try await followed.read { try await output.send(lines: [UsageJSON($0).json]) }
            }
        }
    }
}

extension UsageJSON {
    init(_ sample: TimedUsage) {
        let usage = sample.usage
        self.init()
        time = sample.time.description
        cpuPercent = usage.cpuPercent.map { ($0 * 100).rounded() / 100 }
        memoryBytes = Int64(clamping: usage.memory)
        memoryLimitBytes = usage.memoryLimit.map { Int64(clamping: $0) }
        network.receivedBytes = Int64(clamping: usage.received)
        network.sentBytes = Int64(clamping: usage.sent)
        block.readBytes = Int64(clamping: usage.blocksRead)
        block.writtenBytes = Int64(clamping: usage.blocksWritten)
        pids = usage.pids.map { Int64(clamping: $0) }
    }
}

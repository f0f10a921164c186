import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A command in a container.
///
/// It writes one line and ends, or waits until its input is closed.
final class Exec: Decodable {
    let takesInput: Bool
    let hasTTY: Bool
    var isRunning = false
    var hasEnded = false

    var details: String {
        #"{"Running":\#(isRunning),"ExitCode":\#(hasEnded ? "0" : "null")}"#
    }

    func end() { (isRunning, hasEnded) = (false, true) }

    private enum CodingKeys: String, CodingKey {
        case takesInput = "AttachStdin"
        case hasTTY = "Tty"
    }
}

// Commands in containers.
extension Daemon {
    func createExec(in container: Container, _ request: EngineRequest) -> EngineAnswer {
        guard container.state == .running else {
            return .refusal(.conflict, "Container \(container.id) is not running")
        }
        let body = Data(request.body.readableBytesView)
        guard let exec = try? JSONDecoder().decode(Exec.self, from: body) else {
            return .refusal(.badRequest, "the body cannot be read")
        }
        let id = randomContainerID()
        execs[id] = exec
        return .json(.created, #"{"Id":"\#(id)"}"#)
    }

    func answer(_ request: EngineRequest, aboutExec id: String) -> EngineAnswer {
        guard let exec = execs[id] else { return .refusal(.notFound, "No such exec instance: \(id)") }
        switch (request.method, request.segments.dropFirst(2).first) {
        case (.POST, "start"): return .exec(exec)
        case (.POST, "resize"): return .empty(.ok)
        case (.GET, "json"): return .json(.ok, exec.details)
        default: return .refusal(.notFound, "page not found")
        }
    }
}

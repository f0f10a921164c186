import Berth
import BerthAPI
import DockerEngine

extension ExecOutputJSON {
    init(_ chunk: LogChunk) {
        self.init()
        stream = chunk.stream.name
        (data, encoding) = textOrBase64(chunk.bytes)
    }

    init(_ end: ExecEnd, _ context: APIContext) {
        self.init()
        switch end {
        case .exited(let code): exitCode = code
        case .failed(let failure): self = Self(Problem(failure), context)
        case .detached: event = "detached"
        }
    }

    init(_ problem: Problem, _ context: APIContext) {
        self.init()
        error = problem.json(requestID: context.requestID)
    }
}

extension ExecSessionJSON {
    init(_ session: ExecSession) {
        self.init()
        (id, run) = (session.id, "\(session.run)")
        switch session.end {
        case nil: state = "running"
        case .exited(let code): (state, exitCode) = ("exited", code)
        case .failed: state = "failed"
        case .detached: state = "detached"
        }
    }
}

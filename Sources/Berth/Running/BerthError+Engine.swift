import DockerEngine

extension BerthError {
    /// What an engine's error means for the one who asked.
    init(_ error: EngineError, of host: HostName, doing action: String) {
        switch error {
        case .unreachable:
            self.init(
                .hostUnreachable,
                "\(action): the host \(host) cannot be reached (\(error.reason)).",
                retryAfter: 5
            )
        case .timedOut:
            self.init(.engineTimeout, "\(action): \(error.reason) on \(host).")
        case .status, .undecodable:
            self.init(.engineError, "\(action): \(error.reason)")
        case .busy:
            self.init(.hostBusy, "\(action): too much is asked of the host \(host) at once.", retryAfter: 1)
        }
    }
}

extension EngineError {
    /// The engine's own words where it said something.
    var reason: String {
        if case .status(_, let message) = self { message } else { description }
    }
}

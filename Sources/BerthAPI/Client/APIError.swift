/// Why a call of a server gave no usable response, in a sentence for people.
package enum APIError: Error, Sendable, Equatable {
    /// The connection failed, or it ended before the response did.
    case unreachable(APIAddress, reason: String)
    case timedOut(Duration)
    /// The server refused the request, with the reason.
    case problem(ProblemJSON)
    /// A response that is not Berth's.
    case unexpected(String)

    package var isNotFound: Bool {
        if case .problem(let problem) = self { problem.status == 404 } else { false }
    }
}

extension APIError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let address, let reason): "no server responds at \(address): \(reason)"
        case .timedOut(let limit): "no response from the server within \(limit)"
        case .problem(let problem): "\(problem.detail) (\(problem.code))"
        case .unexpected(let reason): "it is not a Berth server: \(reason)"
        }
    }
}

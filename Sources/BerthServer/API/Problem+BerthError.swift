import Berth
import BerthAPI
import DockerEngine
import HTTPTypes

extension Problem {
    /// Converts an error of Berth's core to an HTTP problem, with advice for the client.
    init(_ error: BerthError) {
        var headers = HTTPFields()
        if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
        let sentence = "\(error)"
        let end = sentence.hasSuffix(".") || error.advice == nil ? "" : "."
        self.init(error.code, sentence + end + (error.advice.map { " \($0)" } ?? ""), headers: headers)
    }
}

extension BerthError {
    var code: ProblemCode {
        switch self {
        case .appExists: .appExists
        case .appNotFound: .appNotFound
        case .appRuns, .appIsRunAgain, .appIsBusy: .appHasRunningContainers
        case .releaseNotFound: .releaseNotFound
        case .releaseChanged: .releaseChanged
        case .runNotFound: .runNotFound
        case .runRuns, .runIsBusy, .runCannot, .runStartCancelled: .runStateConflict
        case .overridesDoNotFit: .invalidOverrides
        case .requestInProgress: .idempotencyInProgress
        case .hostNotFound: .hostNotFound
        case .hostNotConnected, .engine(.unreachable, _, _): .hostUnreachable
        case .hostPresentsNoKey: .nothingToTrust
        case .hostPresentsOtherKey: .fingerprintMismatch
        case .engine(.timedOut, _, _): .engineTimeout
        case .engine(.busy, _, _): .hostBusy
        case .runHasNoNetwork, .engine(.status, _, _), .engine(.undecodable, _, _): .engineError
        }
    }

    /// Seconds after which a retry may succeed; nil if a retry alone does not help.
    fileprivate var retryAfter: Int? {
        switch self {
        case .appIsRunAgain, .appIsBusy, .runIsBusy, .requestInProgress, .engine(.busy, _, _): 1
        case .engine(.unreachable, _, _): 5
        case .hostNotConnected(_, _, _, let seconds): seconds
        default: nil
        }
    }

    /// How to approve the key that a host presents.
    static func approval(of host: HostName) -> String {
        "To approve the key: POST /v1/hosts/\(host)/trust {\"fingerprint\": …}."
    }

    /// What to do next, if the error itself does not say it.
    fileprivate var advice: String? {
        switch self {
        case .appExists: "Change it with PUT or PATCH, or choose another name."
        case .appNotFound: "GET /apps/ lists those that are there."
        case .appRuns: "DELETE with ?force=true stops and removes them."
        case .appIsRunAgain: "Stop running it, then delete it again."
        case .appIsBusy, .runIsBusy: "Try again in a moment."
        case .requestInProgress: "Try again in a moment, with the same Idempotency-Key."
        case .hostNotConnected(let host, _, awaitsApproval: true, _): Self.approval(of: host)
        case .releaseNotFound(let app): "GET /v1/apps/\(app)/releases lists them."
        case .releaseChanged: "Read it again, and send its ETag with what you change."
        case .runNotFound: "GET /v1/runs lists those that are there."
        case .runRuns(let run):
            "Stop it first, or DELETE /v1/runs/\(run)?force=true, which stops and removes it."
        case .runHasNoNetwork(let run): "Remove it and run the app again: DELETE /v1/runs/\(run)?force=true."
        case .hostNotFound: "GET /v1/hosts lists those that are there."
        case .hostPresentsNoKey: "See its state: GET /v1/hosts."
        case .hostPresentsOtherKey:
            "Compare it with the one that `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the host itself."
        case .engine(_, _, .startOfUnknownOutcome(let run)): "GET /v1/runs/\(run) shows it once it is known."
        case .runCannot, .runStartCancelled, .overridesDoNotFit, .hostNotConnected, .engine: nil
        }
    }
}

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
        case .runRuns, .runIsBusy, .runCannot, .runStartCancelled, .runDoesNotRun: .runStateConflict
        case .execTimedOut: .execTimeout
        case .execNotFound: .execNotFound
        case .execEnded, .execHasNoTerminal: .execEnded
        case .tooManySessions: .tooManySessions
        case .imageNotFound: .imageNotFound
        case .imageIsUsed: .imageInUse
        case .overridesDoNotFit: .invalidOverrides
        case .requestInProgress: .idempotencyInProgress
        case .tooManyRequests: .tooManyRequests
        case .secretNotFound: .secretNotFound
        case .tooManySecrets: .tooManySecrets
        case .secretUnreadable, .registryUnreadable: .secretUnreadable
        case .registryNotFound: .registryNotFound
        case .tooManyRegistries: .tooManyRegistries
        case .tokenNotFound: .tokenNotFound
        case .tokenExists: .tokenExists
        case .tooManyTokens: .tooManyTokens
        case .appOutsideScope: .forbidden
        case .policyDenied: .policyDenied
        case .hostNotFound: .hostNotFound
        case .hostExists: .hostExists
        case .hostIsFromFlag, .hostFlagDiffers: .hostFromFlag
        case .hostHasLiveRuns: .hostInUse
        case .hostIsBusy: .conflict
        case .hostDrained: .hostDrained
        case .tooManyHosts: .tooManyHosts
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
        case .appIsRunAgain, .appIsBusy, .runIsBusy, .hostIsBusy, .requestInProgress, .engine(.busy, _, _): 1
        case .engine(.unreachable, _, _), .tooManySessions, .tooManyRequests: 5
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
        case .appNotFound: "GET /apps/ lists all apps."
        case .appRuns: "Use DELETE with ?force=true to stop and remove them."
        case .appIsRunAgain: "Stop starting runs of it, then delete it again."
        case .appIsBusy, .runIsBusy, .hostIsBusy: "Try again in a moment."
        case .requestInProgress: "Try again in a moment, with the same Idempotency-Key."
        case .hostNotConnected(let host, _, awaitsApproval: true, _): Self.approval(of: host)
        case .releaseNotFound(let app): "GET /v1/apps/\(app)/releases lists its releases."
        case .releaseChanged: "Read it again, and send its new ETag as If-Match."
        case .runNotFound: "GET /v1/runs lists all runs."
        case .runRuns(let run):
            "Stop it first, or use DELETE /v1/runs/\(run)?force=true to stop and remove it."
        case .imageNotFound: "GET /v1/images lists the images of a host."
        case .imageIsUsed:
            "Remove the runs and containers that use it. If it has several names, remove them on the host, with docker "
                + "rmi."
        case .runHasNoNetwork(let run): "Remove it and run the app again: DELETE /v1/runs/\(run)?force=true."
        case .tooManyRequests: "Close streams that are no longer read, or wait until requests are answered."
        case .secretNotFound(let app): "GET /v1/apps/\(app)/secrets lists its secrets."
        case .tooManySecrets: "Delete secrets that are no longer used."
        case .secretUnreadable(let name, let app): "Set it again: PUT /v1/apps/\(app)/secrets/\(name)."
        case .registryNotFound: "GET /v1/registries lists all logins."
        case .tooManyRegistries: "Delete logins that are no longer used."
        case .registryUnreadable(let server): "Set it again: PUT /v1/registries/\(server)."
        case .tokenNotFound: "GET /v1/tokens lists all tokens."
        case .tokenExists: "Choose another name, or revoke that token first."
        case .tooManyTokens: "Revoke tokens that are no longer used."
        case .appOutsideScope: "Choose a name that matches."
        case .policyDenied: "GET /v1/policy returns the policy."
        case .hostNotFound: "GET /v1/hosts lists all hosts."
        case .hostExists: "Change it with PATCH, or choose another name."
        case .hostIsFromFlag: "Change its flag --host, and restart the server."
        case .hostFlagDiffers:
            "Give the flag this endpoint, choose another name for it, or start without it and use the API to change or "
                + "remove the host."
        case .hostHasLiveRuns:
            "Stop them first, or use DELETE with ?force=true to forget them and leave their containers running."
        case .hostDrained(let host): "Choose another host, or let it get runs again: POST /v1/hosts/\(host)/undrain."
        case .tooManyHosts: "Remove a host that is no longer used."
        case .hostPresentsNoKey(let host): "Check its state: GET /v1/hosts/\(host)."
        case .hostPresentsOtherKey:
            "Compare it with the output of `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the host itself."
        case .runDoesNotRun(let run, _): "POST /v1/runs/\(run)/start starts it again, unless its container is gone."
        case .execTimedOut:
            "It goes on in the container, and its input has ended: an engine cannot end it. Send a longer timeout."
        case .execNotFound: "It ended more than a minute ago. POST /v1/runs/{run}/exec starts another."
        case .tooManySessions: "End one with DELETE /v1/exec/{id}, or wait until one has had no reader for a minute."
        case .engine(_, _, .startOfUnknownOutcome(let run)):
            "GET /v1/runs/\(run) shows its state as soon as it is known."
        case .runCannot, .runStartCancelled, .execEnded, .execHasNoTerminal, .overridesDoNotFit, .hostNotConnected,
            .engine:
            nil
        }
    }
}

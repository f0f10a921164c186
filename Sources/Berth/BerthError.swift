package import DockerEngine

/// Why Berth rejected or failed a request: the known facts, without secrets, SQL or paths of the server.
///
/// The caller adds the advice on what to do next, since it knows which interface the user works with.
package enum BerthError: Error, Sendable, Equatable {
    case appExists(AppName)
    /// Nil if the requested text cannot be a name; likewise below.
    case appNotFound(AppName?)
    case appRuns(AppName, containers: Int)
    /// Each attempt to delete the app found that new runs had started.
    case appIsRunAgain(AppName)
    /// One of its containers is being started or removed.
    case appIsBusy
    case releaseNotFound(AppName)
    case releaseChanged(AppName, to: Int)
    case runNotFound(RunName?)
    case runRuns(RunName)
    /// The run is being started, changed or removed.
    case runIsBusy(RunName)
    case runCannot(RunName, RunAction, reason: String)
    case runStartCancelled(RunName)
    /// The engine has started the container without the network that its ports need.
    case runHasNoNetwork(RunName)
    /// Its container takes no commands in this state.
    case runDoesNotRun(RunName, RunState)
    /// The command goes on.
    case execTimedOut(RunName, Duration)
    case execNotFound
    case execEnded
    case execHasNoTerminal
    case tooManySessions(Int)
    case imageNotFound(ImageID?)
    /// A container, a run or another image needs it, or it has several names.
    case imageIsUsed(ImageID, reason: String)
    case overridesDoNotFit(reason: String)
    /// An earlier attempt of the same request has no outcome yet.
    case requestInProgress
    /// Of one principal at a time.
    case tooManyRequests(limit: Int)
    case secretNotFound(AppName)
    case tooManySecrets(AppName, limit: Int)
    /// It was not encrypted for this place with the server's key; likewise below.
    case secretUnreadable(SecretName, AppName)
    /// Nil if the requested text cannot be a registry.
    case registryNotFound(RegistryServer?)
    case tooManyRegistries(limit: Int)
    case registryUnreadable(RegistryServer)
    case tokenNotFound
    case tokenExists(TokenName)
    case tooManyTokens(limit: Int)
    /// The principal must not make apps with this name.
    case appOutsideScope(AppName, AppScope)
    case policyDenied(PolicyDenial)
    case hostNotFound(HostName?)
    case hostExists(HostName)
    /// It was given by a flag, so that only a start of the server can change or remove it.
    case hostIsFromFlag(HostName)
    /// A flag gives the host another endpoint than the API did, which is this one.
    case hostFlagDiffers(HostName, from: EngineAddress)
    case hostHasLiveRuns(HostName, count: Int)
    /// Another request is adding, changing or removing it.
    case hostIsBusy(HostName)
    case hostDrained(HostName)
    case tooManyHosts(limit: Int)
    case hostNotConnected(HostName, reason: String?, awaitsApproval: Bool, secondsToNextAttempt: Int)
    case hostPresentsNoKey(HostName)
    case hostPresentsOtherKey(HostName, fingerprint: String)
    case engine(EngineError, of: HostName, EngineTask)

    /// What the engine was requested to do.
    package enum EngineTask: Sendable, Equatable {
        case start(RunName)
        /// The container may have been started.
        case startOfUnknownOutcome(RunName)
        case act(RunAction, on: RunName)
        case remove(RunName)
        case findContainers(of: AppName)
        case readLog(RunName)
        case execute(in: RunName)
        case measure(RunName)
        case listImages
        case pull(ImageReference)
        case removeImage(ImageID)
    }
}

extension BerthError: CustomStringConvertible {
    /// The error as a sentence.
    package var description: String {
        switch self {
        case .appExists(let name): "An app named \(name) already exists."
        case .appNotFound(let name?): "There is no app \(name)."
        case .appNotFound(nil): "There is no app with this name."
        case .appRuns(let name, let count):
            "The app \(name) has \(count == 1 ? "1 running container" : "\(count) running containers")."
        case .appIsRunAgain(let name): "New runs of the app \(name) were started while it was being deleted."
        case .appIsBusy: "A container of this app is being started or removed right now."
        case .releaseNotFound(let name): "The app \(name) has no such release."
        case .releaseChanged(let name, let release): "The app \(name) has changed; its current release is \(release)."
        case .runNotFound(let name?): "There is no run \(name)."
        case .runNotFound(nil): "There is no run with this name."
        case .runRuns(let name): "\(name) is running."
        case .runIsBusy(let name): "\(name) is being started, changed or removed right now."
        case .runCannot(let name, let action, let reason): "Cannot \(action.rawValue) \(name). \(reason)"
        case .runStartCancelled(let name): "\(name) was stopped before it was started."
        case .runHasNoNetwork(let name):
            "\(name) is running, but the engine has not connected it to a network, so its ports cannot be reached."
        case .runDoesNotRun(let name, let state): "\(name) is not running: it is \(state.rawValue)."
        case .execTimedOut(let name, let limit): "The command in \(name) did not end within \(limit)."
        case .execNotFound: "There is no session with this id."
        case .execEnded: "The session or its input has ended."
        case .execHasNoTerminal: "The session has no terminal."
        case .tooManySessions(let limit): "There are already \(limit) sessions."
        case .imageNotFound(let id?): "There is no image \(id) on this host."
        case .imageNotFound(nil): "There is no image with this id; an id has 64 hexadecimal digits."
        case .imageIsUsed(let id, let reason): "The image \(id) cannot be removed: \(reason)"
        case .overridesDoNotFit(let reason): "The overrides do not fit the app: \(reason)."
        case .requestInProgress: "The first request with this Idempotency-Key is still being executed."
        case .tooManyRequests(let limit): "This token has \(limit) requests in progress already, which is the limit."
        case .secretNotFound(let app): "The app \(app) has no secret with this name."
        case .tooManySecrets(let app, let limit): "The app \(app) has \(limit) secrets already, which is the limit."
        case .secretUnreadable(let name, let app):
            "The secret \(name) of the app \(app) cannot be decrypted: its record in the database was changed."
        case .registryNotFound(let server?): "There is no login for the registry \(server)."
        case .registryNotFound(nil): "There is no login for a registry with this name."
        case .tooManyRegistries(let limit): "There are logins for \(limit) registries already, which is the limit."
        case .registryUnreadable(let server):
            "The password for the registry \(server) cannot be decrypted: its record in the database was changed."
        case .tokenNotFound: "There is no token with this id."
        case .tokenExists(let name): "A token named \(name) already exists."
        case .tooManyTokens(let limit): "There are \(limit) tokens already, which is the limit."
        case .appOutsideScope(let name, let scope):
            "This token is limited to the apps \(scope.patterns.map(\.description).joined(separator: ", ")), and \(name) "
                + "is not one of them."
        case .policyDenied(let denial): "The policy does not allow this. \(denial)."
        case .hostNotFound(let name?): "There is no host \(name)."
        case .hostNotFound(nil): "There is no host with this name."
        case .hostExists(let name): "A host named \(name) already exists."
        case .hostIsFromFlag(let name): "The host \(name) was given to the server by a flag."
        case .hostFlagDiffers(let name, let address):
            "The host \(name) was added by the API with the endpoint \(address)."
        case .hostHasLiveRuns(let name, let count):
            "The host \(name) has \(count == 1 ? "1 run" : "\(count) runs") that have not finished."
        case .hostIsBusy(let name): "Another request is changing the host \(name) right now."
        case .hostDrained(let name): "The host \(name) is drained, and gets no new runs."
        case .tooManyHosts(let limit): "There are \(limit) hosts already, which is the limit."
        case .hostNotConnected(let name, let reason, _, _):
            "The host \(name) is not connected: \(reason ?? "the connection is being established.")"
        case .hostPresentsNoKey(let name): "The host \(name) has no key that waits for approval."
        case .hostPresentsOtherKey(let name, let fingerprint):
            "The host \(name) presents a different key, \(fingerprint)."
        case .engine(let error, let host, let task): "\(task): \(Self.sentence(error, host))"
        }
    }

    private static func sentence(_ error: EngineError, _ host: HostName) -> String {
        switch error {
        case .unreachable: "the host \(host) cannot be reached (\(error.reason))."
        case .timedOut: "\(error.reason) on \(host)."
        case .status, .undecodable: error.reason
        case .busy: "there are too many concurrent calls to the host \(host)."
        }
    }
}

extension BerthError.EngineTask: CustomStringConvertible {
    package var description: String {
        switch self {
        case .start(let name): "\(name) could not be started"
        case .startOfUnknownOutcome(let name): "It is not known yet whether \(name) was started"
        case .act(let action, let name): "Cannot \(action.rawValue) \(name)"
        case .remove(let name): "\(name) could not be removed"
        case .readLog(let name): "The output of \(name) cannot be read"
        case .execute(let name): "The command could not be executed in \(name)"
        case .measure(let name): "The usage of \(name) cannot be measured"
        case .listImages: "The images cannot be listed"
        case .pull(let image): "\(image) could not be pulled"
        case .removeImage(let id): "The image \(id) could not be removed"
        case .findContainers(let app): "Other containers with the label of \(app) cannot be listed or removed"
        }
    }
}

extension EngineError {
    /// The engine's own message if it sent one.
    var reason: String {
        if case .status(_, let message) = self { message } else { description }
    }
}

import BerthAPI

/// What each endpoint answers to each sender.
///
/// Four columns: no token, a viewer, a deployer, an administrator. The viewer and the deployer may see the apps `web-*`.
/// Three statuses are those for an app of theirs, for another app, and for an app that does not exist; one stands for
/// all of these, or for an endpoint without an app.
enum AccessTable {
    private static let text = """
        createShortApp     401  403          201/403/403  201/409/201
        listShortApps      401  200          200          200
        getShortApp        401  200/404/404  200/404/404  200/200/404
        replaceShortApp    401  403/404/404  200/404/404  200/200/404
        patchShortApp      401  403/404/404  200/404/404  200/200/404
        deleteShortApp     401  403/404/404  204/404/404  204/204/404
        runShortApp        401  403/404/404  201/404/404  201/201/404
        listContainers     401  200          200          200
        createApp          401  403          201/403/403  201/409/201
        listApps           401  200          200          200
        getApp             401  200/404/404  200/404/404  200/200/404
        replaceApp         401  403/404/404  200/404/404  200/200/404
        patchApp           401  403/404/404  200/404/404  200/200/404
        deleteApp          401  403/404/404  204/404/404  204/204/404
        listReleases       401  200/404/404  200/404/404  200/200/404
        getRelease         401  200/404/404  200/404/404  200/200/404
        rollBackApp        401  403/404/404  200/404/404  200/200/404
        listSecrets        401  200/404/404  200/404/404  200/200/404
        setSecret          401  403/404/404  204/404/404  204/204/404
        deleteSecret       401  403/404/404  204/404/404  204/204/404
        startRuns          401  403/404/404  201/404/404  201/201/404
        readAppLogs        401  200/404/404  200/404/404  200/200/404
        listRuns           401  200          200          200
        getRun             401  200/404/404  200/404/404  200/200/404
        waitForRun         401  200/404/404  200/404/404  200/200/404
        removeRun          401  403/404/404  200/404/404  200/200/404
        stopRun            401  403/404/404  200/404/404  200/200/404
        startRun           401  403/404/404  200/404/404  200/200/404
        restartRun         401  403/404/404  200/404/404  200/200/404
        killRun            401  403/404/404  200/404/404  200/200/404
        pauseRun           401  403/404/404  200/404/404  200/200/404
        unpauseRun         401  403/404/404  200/404/404  200/200/404
        readRunLogs        401  200/404/404  200/404/404  200/200/404
        getRunStats        401  200/404/404  200/404/404  200/200/404
        executeInRun       401  403/404/404  201/404/404  201/201/404
        getExecSession     401  403/404/404  200/404/404  200/200/404
        readExecOutput     401  403/404/404  200/404/404  200/200/404
        writeExecInput     401  403/404/404  204/404/404  204/204/404
        resizeExec         401  403/404/404  204/404/404  204/204/404
        deleteExecSession  401  403/404/404  204/404/404  204/204/404
        listImages         401  200          200          200
        pullImage          401  403          200          200
        removeImage        401  403          403          404
        pruneImages        401  403          403          200
        followEvents       401  200          200          200
        addHost            401  403          403          201
        listHosts          401  200          200          200
        getHost            401  200          200          200
        patchHost          401  403          403          404
        deleteHost         401  403          403          404
        drainHost          401  403          403          404
        undrainHost        401  403          403          404
        trustHost          401  403          403          404
        getPolicy          401  200          200          200
        replacePolicy      401  403          403          200
        listRegistries     401  403          403          200
        getRegistry        401  403          403          404
        setRegistry        401  403          403          204
        deleteRegistry     401  403          403          404
        readAuditLog       401  403          403          200
        createToken        401  403          403          201
        listTokens         401  403          403          200
        deleteToken        401  403          403          404
        getMe              401  200          200          200
        beginSession       204  204          204          204
        endSession         401  204          204          204
        checkHealth        200  200          200          200
        checkReadiness     200  200          200          200
        getMetrics         401  403          403          200
        getVersion         401  200          200          200
        getOpenAPI         200  200          200          200
        getDocumentation   200  200          200          200
        """

    /// The values of the other variable parts of paths.
    ///
    /// Hosts, images, tokens and registries of these names do not exist.
    static let names = [
        "release": "1", "secret": "KEY", "host": "absent", "image": "a", "token": "a", "server": "absent.example.org",
    ]

    /// The variable parts of paths that belong to an app, so that ``Access`` compares them with a token's apps.
    static let scoped: Set<String> = ["app", "run", "exec"]

    struct Line: Sendable {
        let id: String
        /// In the order of ``Sender``; each for the places of ``Place``.
        let statuses: [[Int]]
    }

    static let lines = text.split(separator: "\n").map { line in
        let cells = line.split(separator: " ").map(String.init)
        let statuses = cells.dropFirst().map { cell in
            let each = cell.split(separator: "/").compactMap { Int($0) }
            return each.count == 1 ? Place.allCases.map { _ in each[0] } : each
        }
        return Line(id: cells[0], statuses: statuses)
    }

    enum Sender: Int, CaseIterable { case nobody, viewer, deployer, admin }

    /// Whose app a request is about.
    enum Place: String, CaseIterable {
        case own = "web"
        case other = "shop"
        case absent = "void"
    }

    /// The parameters and the body of a request that is accepted.
    ///
    /// - Parameter name: free for a new object.
    static func input(of id: String, name: String, token: String) -> (query: String, body: String?) {
        switch id {
        case "createApp", "createShortApp": ("", "{\"name\":\"\(name)\",\"image\":\"nginx\"}")
        case "replaceApp", "replaceShortApp", "patchApp", "patchShortApp": ("", #"{"image":"busybox"}"#)
        case "rollBackApp": ("", #"{"release":1}"#)
        case "listRuns", "listContainers", "followEvents": ("?app=\(name)", nil)
        case "waitForRun": ("?for=started&timeout=5", nil)
        case "removeRun": ("?force=true", nil)
        case "executeInRun": ("", #"{"command":["cat"],"interactive":true}"#)
        case "writeExecInput": ("", "a")
        case "resizeExec": ("", #"{"rows":10,"columns":20}"#)
        case "listImages": ("?host=local", nil)
        case "pullImage": ("", #"{"image":"nginx","host":"local"}"#)
        case "pruneImages": ("", #"{"host":"local"}"#)
        case "addHost": ("", "{\"name\":\"\(name)\",\"endpoint\":\"unix:///nonexistent/\(name).sock\"}")
        case "patchHost": ("", #"{"endpoint":"unix:///nonexistent/a.sock"}"#)
        case "trustHost": ("", #"{"fingerprint":"SHA256:a"}"#)
        case "setSecret": ("", #"{"value":"a"}"#)
        case "setRegistry": ("", #"{"username":"a","password":"b"}"#)
        case "replacePolicy": ("", #"{"images":["*"],"host_ports":"any"}"#)
        case "createToken": ("", "{\"name\":\"\(name)\",\"role\":\"viewer\"}")
        case "beginSession": ("", "{\"token\":\"\(token)\"}")
        default: ("", nil)
        }
    }
}

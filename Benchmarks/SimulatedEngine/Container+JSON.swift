/// The id of the one image that all engines have.
let imageID = "sha256:" + String(repeating: "5e", count: 32)

extension Container {
    /// A row of `GET /containers/json`.
    var summary: String {
        let status =
            switch state {
            case .created: "Created"
            case .running: "Up 1 minute"
            case .exited: "Exited (\(exitCode)) 1 minute ago"
            }
        return """
            {"Id":"\(id)","Names":["/\(name)"],"Image":\(quoted(definition.image)),"ImageID":"\(imageID)",\
            "Command":"","Created":\(created / 1_000_000_000),"Ports":[],"Labels":\(json(labels)),\
            "State":"\(state.rawValue)","Status":"\(status)","HostConfig":{"NetworkMode":"default"},\
            "NetworkSettings":{"Networks":{}},"Mounts":[]}
            """
    }

    /// The answer of `GET /containers/{id}/json`.
    var details: String {
        """
        {"Id":"\(id)","Created":"\(engineTime(created))","Path":"","Args":[],"State":\(stateJSON),\
        "Image":"\(imageID)","Name":"/\(name)","RestartCount":0,"Driver":"overlay2","Platform":"linux",\
        "HostConfig":{"NetworkMode":"default","PortBindings":{},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},\
        "Memory":0,"NanoCpus":0},"Mounts":[],\
        "Config":{"User":"","Tty":false,"Env":\(json(definition.environment ?? [])),\
        "Cmd":\(definition.command.map(json) ?? "null"),"Image":\(quoted(definition.image)),"WorkingDir":"",\
        "Entrypoint":null,"Labels":\(json(labels))},"NetworkSettings":{"Ports":{}}}
        """
    }

    private var stateJSON: String {
        let isRunning = state == .running
        return """
            {"Status":"\(state.rawValue)","Running":\(isRunning),"Paused":false,"Restarting":false,"OOMKilled":false,\
            "Dead":false,"Pid":\(isRunning ? 4711 : 0),"ExitCode":\(exitCode),"Error":"",\
            "StartedAt":"\(engineTime(startedAt))","FinishedAt":"\(engineTime(finishedAt))"}
            """
    }

    /// A line of `GET /events`, with its line break.
    ///
    /// - Parameter attributes: beside the container's labels, image and name.
    func event(_ action: String, at time: Int64, attributes: [String: String]) -> String {
        var all = labels.merging(attributes) { _, ours in ours }
        all["image"] = definition.image
        all["name"] = name
        return """
            {"status":"\(action)","id":"\(id)","from":\(quoted(definition.image)),"Type":"container",\
            "Action":"\(action)","Actor":{"ID":"\(id)","Attributes":\(json(all))},"scope":"local",\
            "time":\(time / 1_000_000_000),"timeNano":\(time)}\n
            """
    }
}

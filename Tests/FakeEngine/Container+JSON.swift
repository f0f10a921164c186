/// The id of the image of all names that were not pulled.
package let usualImageID = "sha256:" + String(repeating: "5e", count: 32)

extension Container {
    /// A row of `GET /containers/json`.
    var summary: String {
        let status =
            switch state {
            case .created: "Created"
            case .running, .paused: "Up 1 minute"
            case .restarting: "Restarting (\(exitCode)) 1 second ago"
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
        "HostConfig":{"NetworkMode":"default","PortBindings":\(json(definition.portBindings)),\
        "SecurityOpt":\(definition.securityOptions.map(json) ?? "null"),\
        "PidsLimit":\(definition.pidsLimit.map { "\($0)" } ?? "null"),"LogConfig":\(logConfig),"RestartPolicy":{"Name":"no","MaximumRetryCount":0},\
        "Memory":\(definition.memory),"NanoCpus":\(definition.nanoCPUs)},"Mounts":[],\
        "Config":{"User":"","Tty":false,"Env":\(json(definition.environment ?? [])),\
        "Cmd":\(definition.command.map(json) ?? "null"),"Image":\(quoted(definition.image)),"WorkingDir":"",\
        "Entrypoint":null,"Labels":\(json(labels))},"NetworkSettings":{"Ports":{}}}
        """
    }

    /// With the engine's own driver if none was requested.
    private var logConfig: String {
        let log = definition.logConfig
        return #"{"Type":\#(quoted(log.driver ?? "json-file")),"Config":\#(json(log.options ?? [:]))}"#
    }

    /// The sample of a container that does not run.
    var noStats: String {
        """
        {"read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z","pids_stats":{},"blkio_stats":{},"num_procs":0,\
        "storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":0}},"precpu_stats":{"cpu_usage":{"total_usage":0}},\
        "memory_stats":{},"name":"/\(name)","id":"\(id)"}
        """
    }

    /// The answer of `GET /containers/{id}/stats`, as long as a real one.
    ///
    /// - Parameter hasEarlier: whether there was a sample before, since which the container has used 2 % of a processor.
    func stats(hasEarlier: Bool) -> String {
        let earlier = #"{"cpu_usage":{"total_usage":18961181},"system_cpu_usage":78416490000000,"online_cpus":2}"#
        let none = #"{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0}}"#
        return """
            {"read":"2026-01-01T00:00:00.000000001Z","preread":"0001-01-01T00:00:00Z","pids_stats":{"current":1},\
            "blkio_stats":{"io_service_bytes_recursive":[],"io_serviced_recursive":[],"io_queue_recursive":[],\
            "io_service_time_recursive":[],"io_wait_time_recursive":[],"io_merged_recursive":[],"io_time_recursive":[],\
            "sectors_recursive":[]},"num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":38961181,\
            "percpu_usage":[6520617,32440564],"usage_in_kernelmode":10000000,"usage_in_usermode":20000000},\
            "system_cpu_usage":78418490000000,"online_cpus":2,"throttling_data":{"periods":0,"throttled_periods":0,\
            "throttled_time":0}},"precpu_stats":\(hasEarlier ? earlier : none),\
            "memory_stats":{"usage":917504,"max_usage":4280320,"stats":{"active_anon":4096,"active_file":303104,\
            "cache":303104,"dirty":0,"hierarchical_memory_limit":9223372036854771712,\
            "hierarchical_memsw_limit":9223372036854771712,"inactive_anon":49152,"inactive_file":0,"mapped_file":184320,\
            "pgfault":1137,"pgmajfault":1,"pgpgin":930,"pgpgout":843,"rss":53248,"rss_huge":0,\
            "total_active_anon":4096,"total_active_file":303104,"total_cache":303104,"total_dirty":0,\
            "total_inactive_anon":49152,"total_inactive_file":0,"total_mapped_file":184320,"total_pgfault":1137,\
            "total_pgmajfault":1,"total_pgpgin":930,"total_pgpgout":843,"total_rss":53248,"total_rss_huge":0,\
            "total_unevictable":0,"total_writeback":0,"unevictable":0,"writeback":0},"limit":25276514304},\
            "name":"/\(name)","id":"\(id)","networks":{"eth0":{"rx_bytes":200,"rx_packets":2,"rx_errors":0,\
            "rx_dropped":0,"tx_bytes":0,"tx_packets":0,"tx_errors":0,"tx_dropped":0}}}
            """
    }

    private var stateJSON: String {
        let isRunning = state == .running || state == .paused || state == .restarting
        return """
            {"Status":"\(state.rawValue)","Running":\(isRunning),"Paused":\(state == .paused),"Restarting":\(state == .restarting),"OOMKilled":false,\
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

import JSON

/// Fields of Docker's API and of its tools that would give a container rights over its host.
enum PrivilegedFields {
    /// Members of a JSON object, as they are sent: also in the cases that Go's decoder accepts.
    static let members = [
        #""Privileged":true"#, #""privileged":true"#, #""PRIVILEGED":true"#,
        #""Binds":["/:/host"]"#, #""binds":["/:/host"]"#,
        #""Mounts":[{"Type":"bind","Source":"/","Target":"/host"}]"#,
        #""mounts":[{"type":"bind","source":"/","target":"/host"}]"#,
        #""VolumesFrom":["other"]"#, #""volumes_from":["other"]"#,
        #""Devices":[{"PathOnHost":"/dev/mem","PathInContainer":"/dev/mem","CgroupPermissions":"rwm"}]"#,
        #""devices":["/dev/mem"]"#, #""DeviceRequests":[{"Count":-1}]"#, #""DeviceCgroupRules":["a *:* rwm"]"#,
        #""CapAdd":["ALL"]"#, #""cap_add":["ALL"]"#, #""SecurityOpt":["apparmor=unconfined"]"#,
        #""security_opt":["seccomp=unconfined"]"#, #""NetworkMode":"host""#,
        #""network_mode":"host""#, #""PidMode":"host""#, #""pid_mode":"host""#, #""IpcMode":"host""#,
        #""UTSMode":"host""#, #""UsernsMode":"host""#, #""userns_mode":"host""#, #""CgroupnsMode":"host""#,
        #""Sysctls":{"kernel.core_pattern":"|/tmp/x"}"#, #""sysctls":{"kernel.core_pattern":"|/tmp/x"}"#,
        #""Runtime":"other""#, #""runtime":"other""#, #""CgroupParent":"/""#, #""cgroup_parent":"/""#,
        #""OomScoreAdj":-1000"#, #""HostConfig":{"Privileged":true}"#, #""host_config":{"Privileged":true}"#,
        #""VolumeDriver":"local""#, #""GroupAdd":["0"]"#, #""group_add":["docker"]"#, #""MaskedPaths":[]"#,
        #""ReadonlyPaths":[]"#, #""extends":"other""#, #""build":".""#,
    ]

    /// Members that an app has, with values that lead to the host.
    static let values = [
        #""volumes":["/:/host"]"#, #""volumes":["/var/run/docker.sock:/docker.sock"]"#, #""volumes":["../..:/host"]"#,
        #""volumes":[{"name":"/etc","target":"/host"}]"#, #""volumes":[{"name":"data","target":"/host/../.."}]"#,
        #""volumes":[{"name":"data","target":"/d","driver_opts":{"o":"bind","device":"/"}}]"#,
        #""volumes":[{"name":"data","target":"/d","type":"bind","source":"/"}]"#, #""volumes":["data:/d:rw,exec"]"#,
        #""network":"host""#, #""network":"none""#, #""network":"container:other""#, #""network":"HOST""#,
        #""network":"bridge""#, #""network":"default""#,
        #""tmpfs":[{"target":"/t","options":"exec,suid,dev"}]"#, #""tmpfs":["/t:exec,suid"]"#,
        #""labels":{"berth.app":"other"}"#, #""labels":{"berth.instance":"other"}"#,
        #""ports":["0.0.0.0:22:22/sctp"]"#, #""extra_hosts":{"a:1.2.3.4\n":"1.2.3.4"}"#,
        #""ulimits":[{"name":"../x","soft":1,"hard":1}]"#, #""hostname":"a\nb""#, #""stop_signal":"-9; reboot""#,
        #""user":"0:0:0""#, #""user":"a\u0000b""#, #""working_dir":"../..""#,
    ]

    /// What an engine's `inspect` shows that would give a container rights over its host; empty if nothing does.
    static func violations(of container: JSONValue) -> [String] {
        let (name, host) = (container["Name"].string, container["HostConfig"])
        var found: [String] = []
        func unless(_ isHarmless: Bool, _ field: String) {
            if !isHarmless { found.append("\(name) has \(field) \(host[field].text)") }
        }
        unless(host["Privileged"] == false, "Privileged")
        for field in [
            "Binds", "VolumesFrom", "Devices", "DeviceRequests", "DeviceCgroupRules", "CapAdd", "GroupAdd", "Links",
        ] {
            unless(host[field].elements.isEmpty, field)
        }
        unless(host["SecurityOpt"].elements.allSatisfy { $0.string.hasPrefix("no-new-privileges") }, "SecurityOpt")
        let network = host["NetworkMode"].string
        unless(network != "host" && network != "none" && !network.hasPrefix("container:"), "NetworkMode")
        for field in ["PidMode", "UTSMode", "UsernsMode", "CgroupParent"] { unless(host[field].string.isEmpty, field) }
        unless(["", "private", "shareable"].contains(host["IpcMode"].string), "IpcMode")
        // CgroupnsMode is left out: with cgroups version 1, an engine's own default is the host's.
        unless(["", "runc"].contains(host["Runtime"].string), "Runtime")
        unless(host["Sysctls"] == .null || host["Sysctls"] == [:], "Sysctls")
        unless((host["OomScoreAdj"].int ?? 0) >= 0, "OomScoreAdj")
        unless(host["Mounts"].elements.allSatisfy { $0["Type"] == "volume" }, "Mounts")
        let mounts = container["Mounts"].elements.filter { !["volume", "tmpfs"].contains($0["Type"].string) }
        if !mounts.isEmpty { found.append("\(name) has a mount of its host") }
        return found
    }
}

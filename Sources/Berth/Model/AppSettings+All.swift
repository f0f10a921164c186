import DockerEngine
import JSON

extension AppSettings {
    /// All settings, in the order of the API's responses.
    ///
    /// A new setting is added here, as a property in `AppSettings.swift`, and in `ContainerConfig` or `HostConfig`.
    package static let all: [AppSetting] = [
        AppSetting(
            "image",
            \.image,
            .image,
            "Required: the image's name in Docker's form, `[registry/]path[:tag][@digest]`.",
            isRequired: true,
            apply: { $1.config.image = $0.unambiguous }
        ),
        AppSetting(
            "command",
            \.command,
            .command,
            "The command and its arguments: a list of words, or one line, which is split into words by the rules of "
                + "the POSIX shell. No shell is run. `null`: the image's own command.",
            apply: { $1.config.command = $0?.words },
            adopt: { Command?(of: $0.config.command, besides: $1?.command) }
        ),
        AppSetting(
            "entrypoint",
            \.entrypoint,
            .entrypoint,
            "The words before the command, in the same forms. `[]`: no entrypoint. `null`: the image's own entrypoint.",
            apply: { $1.config.entrypoint = $0?.words },
            adopt: { Command?(of: $0.config.entrypoint, besides: $1?.entrypoint) }
        ),
        AppSetting(
            "variables",
            \.variables,
            .variables,
            "Environment variables: an object, or a list of objects. A number is stored as its digits.",
            apply: { $1.config.environment = $0.environment },
            adopt: { details, image in
                let secrets = details.config.labels?[ContainerLabels.secretsLabel]?.split(separator: ",") ?? []
                let own = (details.config.environment ?? []).filter { entry in
                    !secrets.contains(entry.prefix { $0 != "=" })
                }
                return Variables(of: own, besides: image?.environment ?? [])
            }
        ),
        AppSetting(
            "host",
            \.host,
            .hostName,
            "The host on which the app's runs are started. `null`: the server's default host."
        ),
        AppSetting(
            "ports",
            \.ports,
            .ports,
            "Published ports: `80`, `\"8080:80\"`, `\"127.0.0.1:8080:80/udp\"`, `\"8000-8010:8000-8010\"`, or objects "
                + "with `container`, `host`, `protocol` and `address`. Without `host`, the engine chooses a free port.",
            apply: { $1.hostConfig.portBindings = $0.list.map(\.binding) },
            adopt: { details, _ in Ports(details.hostConfig?.portBindings ?? []) }
        ),
        AppSetting(
            "volumes",
            \.volumes,
            .volumes,
            "Named volumes of the host: `\"data:/var/lib/data\"`, `\"data:/var/lib/data:ro\"`, or objects with `name`, "
                + "`target` and `read_only`. A volume that does not exist is created. Paths of the host cannot be "
                + "mounted.",
            apply: { $1.hostConfig.mounts = $0.list.map(\.mount) },
            adopt: { details, _ in Volumes(details.hostConfig?.mounts ?? []) }
        ),
        AppSetting(
            "memory_bytes",
            \.memory,
            .memory,
            "The memory limit, in bytes or as text such as `\"512m\"`; 6 MiB to 1 PiB. `null`: no limit.",
            apply: { $1.hostConfig.memoryBytes = $0 },
            adopt: { details, _ in details.hostConfig?.memoryBytes }
        ),
        AppSetting(
            "cpus",
            \.cpus,
            .cpus,
            "The limit of processor time, in processors; 0.01 to 1024. `null`: no limit.",
            apply: { $1.hostConfig.nanoCPUs = $0.billionths },
            adopt: { details, _ in details.hostConfig?.nanoCPUs.map { CPUs(billionths: $0) } }
        ),
        AppSetting(
            "restart",
            \.restart,
            .restart,
            "When the engine restarts a container that has ended: `no`, `on-failure`, `on-failure:5` (at most five "
                + "times), `always` or `unless-stopped`.",
            apply: { $1.hostConfig.restartPolicy = $0 == .no ? nil : $0 },
            adopt: { details, _ in details.hostConfig?.restartPolicy }
        ),
        AppSetting(
            "labels",
            \.labels,
            .labels,
            "Labels of the containers, in the same forms as `variables`. Names that begin with `berth.` are reserved.",
            apply: { labels, spec in
                for label in labels.list { spec.config.labels?[label.name] = label.value }
            },
            adopt: { details, _ in Labels(details.config.labels ?? [:]) }
        ),
        AppSetting(
            "user",
            \.user,
            .user,
            "The user of the processes: a name or a number, optionally with `:group`. `null`: the image's own.",
            apply: { $1.config.user = $0 },
            adopt: { $0.config.user == $1?.user ? nil : $0.config.user }
        ),
        AppSetting(
            "working_dir",
            \.workingDirectory,
            .workingDirectory,
            "The working directory, an absolute path. `null`: the image's own.",
            apply: { $1.config.workingDirectory = $0 },
            adopt: { $0.config.workingDirectory == $1?.workingDirectory ? nil : $0.config.workingDirectory }
        ),
        AppSetting(
            "stop_timeout",
            \.stopTimeout,
            .integer(in: AppSettings.stopTimeoutRange),
            "Seconds between the stop signal and SIGKILL, 0 to 3600. `null`: the engine's default, 10.",
            apply: { $1.config.stopTimeout = $0 },
            adopt: { details, _ in details.config.stopTimeout }
        ),
        AppSetting(
            "max_runtime",
            \.maxRuntime,
            .integer(in: AppSettings.maxRuntimeRange),
            "Seconds after which a run is stopped, 1 to 31536000. `null`: no limit."
        ),
        AppSetting(
            "pull",
            \.pull,
            .pull,
            "When the image is pulled. `missing`: only if the host does not have it. `always`: before each run."
        ),
        AppSetting(
            "health",
            \.health,
            .health,
            "How the engine checks whether a container is healthy: `command` (in the same forms as above; exit code 0 "
                + "means healthy) or `http` (`port` and `path`; the request is made inside the container, with its "
                + "`sh` and its `wget` or `curl`), with `interval`, `timeout` and `start_period` in seconds, and "
                + "`retries`. `null`: the image's own health check.",
            apply: { $1.config.health = $0.wire },
            adopt: { details, image in
                details.config.health == image?.health ? nil : details.config.health.flatMap { HealthCheck($0) }
            }
        ),
        AppSetting(
            "tmpfs",
            \.tmpfs,
            .tmpfs,
            "File systems in memory (tmpfs): absolute paths, or objects with `target` and `size_bytes`.",
            apply: { mounts, spec in
                guard !mounts.list.isEmpty else { return }
                spec.hostConfig.tmpfs = Dictionary(uniqueKeysWithValues: mounts.list.map { ($0.target, $0.options) })
            },
            adopt: { details, _ in TmpfsMounts(details.hostConfig?.tmpfs ?? [:]) }
        ),
        AppSetting(
            "read_only",
            \.readOnly,
            .boolean,
            "Whether the root file system is read-only.",
            apply: { $1.hostConfig.hasReadOnlyRoot = $0 ? true : nil },
            adopt: { details, _ in details.hostConfig?.hasReadOnlyRoot }
        ),
        AppSetting(
            "shm_bytes",
            \.sharedMemory,
            .bytes(in: 4096...1 << 50),
            "The size of `/dev/shm`, in bytes or as text such as `\"1g\"`. `null`: the engine's default, 64 MiB.",
            apply: { $1.hostConfig.sharedMemoryBytes = $0 },
            adopt: { details, _ in
                details.hostConfig?.sharedMemoryBytes.flatMap { $0 == HostConfig.usualSharedMemory ? nil : $0 }
            }
        ),
        AppSetting(
            "pids_limit",
            \.pidsLimit,
            .pidsLimit,
            "The maximum number of processes and threads. `null`: the policy's `containers.pids_limit`.",
            apply: { $1.hostConfig.pidsLimit = $0 },
            adopt: { details, _ in
                details.config.labels?[ContainerLabels.pidsLimitLabel] == nil ? details.hostConfig?.pidsLimit : nil
            }
        ),
        AppSetting(
            "ulimits",
            \.ulimits,
            .ulimits,
            "Resource limits of each process: objects with `name` (such as `nofile`), `soft` and `hard`; `-1`: no "
                + "limit.",
            apply: { $1.hostConfig.ulimits = $0.list.isEmpty ? nil : $0.list },
            adopt: { details, _ in Ulimits(fitting: details.hostConfig?.ulimits ?? []) }
        ),
        AppSetting(
            "network",
            \.network,
            .network,
            "A network on the host. Berth creates it when it is first needed, and removes it after its last container. "
                + "Containers in the same network reach each other by the names of their apps. `null`: the engine's "
                + "default network, which does not resolve names.",
            apply: { network, spec in
                spec.hostConfig.networkMode = network
                spec.config.labels?[ContainerLabels.networkLabel] = network
            },
            adopt: { details, _ in details.config.labels?[ContainerLabels.networkLabel] }
        ),
        AppSetting(
            "hostname",
            \.hostname,
            .hostname,
            "The host name inside the container. `null`: the container's id.",
            apply: { $1.config.hostname = $0 },
            adopt: { details, _ in
                details.config.hostname.flatMap { details.id.description.hasPrefix($0) ? nil : $0 }
            }
        ),
        AppSetting(
            "extra_hosts",
            \.extraHosts,
            .extraHosts,
            "Entries for the container's `/etc/hosts`: an object of names and addresses. `host-gateway`: the host's "
                + "address.",
            apply: { $1.hostConfig.extraHosts = $0.list.isEmpty ? nil : $0.list.map { "\($0.name):\($0.address)" } },
            adopt: { details, _ in ExtraHosts(fitting: (details.hostConfig?.extraHosts ?? []).map { ExtraHost($0) }) }
        ),
        AppSetting(
            "init",
            \.usesInit,
            .boolean,
            "Whether the container runs under an init process, which forwards signals and reaps zombie processes.",
            apply: { $1.hostConfig.usesInit = $0 ? true : nil },
            adopt: { details, _ in details.hostConfig?.usesInit }
        ),
        AppSetting(
            "stop_signal",
            \.stopSignal,
            .stopSignal,
            "The signal that asks the container to stop, such as `SIGQUIT`. `null`: the image's own, otherwise "
                + "SIGTERM.",
            apply: { $1.config.stopSignal = $0 },
            adopt: { $0.config.stopSignal == $1?.stopSignal ? nil : $0.config.stopSignal }
        ),
    ]
}

// A container's values as settings; values that no setting can have are left out.

extension Command? {
    fileprivate init(of words: [String]?, besides image: [String]?) {
        guard let words, words != image else {
            self = nil
            return
        }
        self = words.isEmpty ? Command.none : try? Command(words: words)
    }
}

extension Variables {
    fileprivate init(of environment: [String], besides image: [String]) {
        let variables = environment.filter { !image.contains($0) }.map { entry -> Variable? in
            guard let equals = entry.firstIndex(of: "=") else { return nil }
            return try? Variable(name: String(entry[..<equals]), value: String(entry[entry.index(after: equals)...]))
        }
        self.init(fitting: variables)
    }
}

extension Labels {
    fileprivate init(_ labels: [String: String]) {
        self.init(fitting: labels.sorted { $0.key < $1.key }.map { try? Label(name: $0.key, value: $0.value) })
    }
}

extension Port {
    fileprivate var binding: PortBinding {
        PortBinding(ContainerPort(container, transport), hostPort: host, hostAddress: address)
    }
}

extension Ports {
    fileprivate init(_ bindings: [PortBinding]) {
        let ports = bindings.map { binding in
            try? Port(
                container: binding.container.number,
                host: binding.hostPort,
                address: binding.hostAddress,
                transport: binding.container.transport
            )
        }
        self.init(fitting: ports)
    }
}

extension Volume {
    fileprivate var mount: ContainerMount { ContainerMount(volume: name, target: target, isReadOnly: isReadOnly) }
}

extension Volumes {
    fileprivate init(_ mounts: [ContainerMount]) {
        let volumes = mounts.filter { $0.type == "volume" }.map { mount in
            try? Volume(name: mount.source ?? "", target: mount.target, isReadOnly: mount.isReadOnly)
        }
        self.init(fitting: volumes)
    }
}

extension TmpfsMounts {
    fileprivate init(_ mounts: [String: String]) {
        self.init(fitting: mounts.sorted { $0.key < $1.key }.map { TmpfsMount(target: $0.key, options: $0.value) })
    }
}

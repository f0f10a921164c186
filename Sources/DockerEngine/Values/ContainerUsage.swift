/// What a container uses at one moment: the response of `GET /containers/{id}/stats`, reduced to the fields in use.
package struct ContainerUsage: Decodable, Sendable, Equatable {
    /// RFC 3339 by the engine's clock; nil in the empty sample of a container that does not run.
    package var time: String?
    /// CPU time of all its processes since its start, user and system, on all processors together.
    package var cpuNanoseconds: UInt64
    /// In percent of one processor, between the engine's sample before and this one; nil if there was none before.
    package var cpuPercent: Double?
    /// In bytes, without the page cache that the kernel would reclaim first; the value that `docker stats` shows.
    package var memory: UInt64
    /// In bytes: its own limit, or the host's memory.
    package var memoryLimit: UInt64?
    /// In bytes since its start, over all of its networks; 0 if it has no network of its own.
    package var received: UInt64
    package var sent: UInt64
    /// In bytes since its start, from and to block devices; what the page cache serves is not included.
    package var blocksRead: UInt64 = 0
    package var blocksWritten: UInt64 = 0
    /// The number of its processes and threads; nil if the kernel does not count them.
    package var pids: UInt64?

    package init(cpuNanoseconds: UInt64, memory: UInt64, received: UInt64, sent: UInt64) {
        self.cpuNanoseconds = cpuNanoseconds
        self.memory = memory
        self.received = received
        self.sent = sent
    }

    package init(from decoder: any Decoder) throws {
        let answer = try Answer(from: decoder)
        time = answer.time.flatMap { $0.hasPrefix("0001-") ? nil : $0 }
        cpuNanoseconds = answer.cpu.usage.total
        cpuPercent = answer.cpu.percent(since: answer.earlierCPU)
        let memory = answer.memory
        let cache = memory.stats?.inactiveFileOfVersion1 ?? memory.stats?.inactiveFile ?? 0
        let usage = memory.usage ?? 0
        self.memory = usage > cache ? usage - cache : usage
        memoryLimit = memory.limit
        let networks = answer.networks.map { Array($0.values) } ?? []
        received = networks.reduce(0) { $0 &+ $1.received }
        sent = networks.reduce(0) { $0 &+ $1.sent }
        blocksRead = answer.blocks?.bytes("read") ?? 0
        blocksWritten = answer.blocks?.bytes("write") ?? 0
        pids = answer.pids?.current
    }
}

private struct Answer: Decodable {
    let time: String?
    let cpu: CPU
    /// The sample before; without times if there was none.
    let earlierCPU: CPU?
    let memory: Memory
    /// Absent if it uses the host's network.
    let networks: [String: Network]?
    let blocks: Blocks?
    let pids: PIDs?

    enum CodingKeys: String, CodingKey {
        case time = "read"
        case cpu = "cpu_stats"
        case earlierCPU = "precpu_stats"
        case memory = "memory_stats"
        case networks
        case blocks = "blkio_stats"
        case pids = "pids_stats"
    }

    struct CPU: Decodable {
        let usage: Usage
        /// CPU time of the whole host, on all processors together, in nanoseconds.
        let system: UInt64?
        let processors: UInt32?

        struct Usage: Decodable {
            let total: UInt64

            enum CodingKeys: String, CodingKey {
                case total = "total_usage"
            }
        }

        enum CodingKeys: String, CodingKey {
            case usage = "cpu_usage"
            case system = "system_cpu_usage"
            case processors = "online_cpus"
        }

        /// The computation of `docker stats`; nil also after a restart, which begins to count anew.
        func percent(since earlier: CPU?) -> Double? {
            guard let earlier, let system, let earlierSystem = earlier.system, system > earlierSystem,
                let processors, usage.total >= earlier.usage.total
            else { return nil }
            let share = Double(usage.total - earlier.usage.total) / Double(system - earlierSystem)
            return min(share, 1) * Double(processors) * 100
        }
    }

    struct Memory: Decodable {
        /// Absent for a container that does not run.
        let usage: UInt64?
        let limit: UInt64?
        let stats: Stats?

        struct Stats: Decodable {
            let inactiveFileOfVersion1: UInt64?
            let inactiveFile: UInt64?

            enum CodingKeys: String, CodingKey {
                case inactiveFileOfVersion1 = "total_inactive_file"
                case inactiveFile = "inactive_file"
            }
        }
    }

    struct Network: Decodable {
        let received: UInt64
        let sent: UInt64

        enum CodingKeys: String, CodingKey {
            case received = "rx_bytes"
            case sent = "tx_bytes"
        }
    }

    struct Blocks: Decodable {
        /// One for each device and operation.
        let counters: [Counter]?

        struct Counter: Decodable {
            /// `Read` with control groups version 1, `read` with version 2.
            let operation: String
            let value: UInt64

            enum CodingKeys: String, CodingKey {
                case operation = "op"
                case value
            }
        }

        enum CodingKeys: String, CodingKey {
            case counters = "io_service_bytes_recursive"
        }

        func bytes(_ operation: String) -> UInt64 {
            (counters ?? []).filter { $0.operation.lowercased() == operation }.reduce(0) { $0 &+ $1.value }
        }
    }

    struct PIDs: Decodable {
        let current: UInt64?
    }
}

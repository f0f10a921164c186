/// What a container uses at one moment: the response of `GET /containers/{id}/stats`, reduced to the fields in use.
package struct ContainerUsage: Decodable, Sendable, Equatable {
    /// CPU time of all its processes since its start, user and system, on all processors together.
    package let cpuNanoseconds: UInt64
    /// In bytes, without the page cache that the kernel would reclaim first; the value that `docker stats` shows.
    package let memory: UInt64
    /// In bytes since its start, over all of its networks; 0 if it has no network of its own.
    package let received: UInt64
    package let sent: UInt64

    package init(cpuNanoseconds: UInt64, memory: UInt64, received: UInt64, sent: UInt64) {
        self.cpuNanoseconds = cpuNanoseconds
        self.memory = memory
        self.received = received
        self.sent = sent
    }

    package init(from decoder: any Decoder) throws {
        let answer = try Answer(from: decoder)
        cpuNanoseconds = answer.cpu.usage.total
        let memory = answer.memory
        let cache = memory.stats?.inactiveFileOfVersion1 ?? memory.stats?.inactiveFile ?? 0
        let usage = memory.usage ?? 0
        self.memory = usage > cache ? usage - cache : usage
        let networks = answer.networks.map { Array($0.values) } ?? []
        received = networks.reduce(0) { $0 &+ $1.received }
        sent = networks.reduce(0) { $0 &+ $1.sent }
    }

    private struct Answer: Decodable {
        struct CPU: Decodable {
            struct Usage: Decodable {
                let total: UInt64

                enum CodingKeys: String, CodingKey {
                    case total = "total_usage"
                }
            }

            let usage: Usage

            enum CodingKeys: String, CodingKey {
                case usage = "cpu_usage"
            }
        }

        struct Memory: Decodable {
            struct Stats: Decodable {
                let inactiveFileOfVersion1: UInt64?
                let inactiveFile: UInt64?

                enum CodingKeys: String, CodingKey {
                    case inactiveFileOfVersion1 = "total_inactive_file"
                    case inactiveFile = "inactive_file"
                }
            }

            /// Absent for a container that does not run.
            let usage: UInt64?
            let stats: Stats?
        }

        struct Network: Decodable {
            let received: UInt64
            let sent: UInt64

            enum CodingKeys: String, CodingKey {
                case received = "rx_bytes"
                case sent = "tx_bytes"
            }
        }

        let cpu: CPU
        let memory: Memory
        /// Absent if it uses the host's network.
        let networks: [String: Network]?

        enum CodingKeys: String, CodingKey {
            case cpu = "cpu_stats"
            case memory = "memory_stats"
            case networks
        }
    }
}

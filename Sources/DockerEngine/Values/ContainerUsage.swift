/// What a container uses, at one moment: the answer of `GET /containers/{id}/stats`, as far as it is used.
package struct ContainerUsage: Decodable, Sendable, Equatable {
    /// Of all its processes since it was started, user and system, on all processors together.
    package let cpuNanoseconds: UInt64
    /// In bytes, without the page cache that the kernel would give up first; what `docker stats` shows.
    package let memory: UInt64
    /// In bytes since it was started, over all of its networks; 0 where it has none of its own.
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
        cpuNanoseconds = answer.cpu_stats.cpu_usage.total_usage
        let cache = answer.memory_stats.stats?.total_inactive_file ?? answer.memory_stats.stats?.inactive_file ?? 0
        let usage = answer.memory_stats.usage ?? 0
        memory = usage > cache ? usage - cache : usage
        let networks = answer.networks.map { Array($0.values) } ?? []
        received = networks.reduce(0) { $0 &+ $1.rx_bytes }
        sent = networks.reduce(0) { $0 &+ $1.tx_bytes }
    }

    // Named as Docker names them, since nobody else sees them.
    private struct Answer: Decodable {
        struct CPU: Decodable {
            struct Usage: Decodable { let total_usage: UInt64 }
            let cpu_usage: Usage
        }

        struct Memory: Decodable {
            struct Stats: Decodable {
                /// Of control groups version 1, and of version 2.
                let total_inactive_file: UInt64?
                let inactive_file: UInt64?
            }

            /// Absent for a container that does not run.
            let usage: UInt64?
            let stats: Stats?
        }

        struct Network: Decodable {
            let rx_bytes: UInt64
            let tx_bytes: UInt64
        }

        let cpu_stats: CPU
        let memory_stats: Memory
        /// Absent in the host's network.
        let networks: [String: Network]?
    }
}

import FoundationEssentials
import Testing

@testable import DockerEngine

@Suite struct ContainerUsageTests {
    private func usage(_ json: String) throws -> ContainerUsage {
        try JSONDecoder().decode(ContainerUsage.self, from: Data(json.utf8))
    }

    @Test func `For control groups version 1 the cache is subtracted by its total`() throws {
        let found = try usage(
            """
            {"cpu_stats":{"cpu_usage":{"total_usage":38961181,"percpu_usage":[6520617,32440564]},"online_cpus":2},
             "memory_stats":{"usage":917504,"stats":{"inactive_file":1,"total_inactive_file":300000,"cache":303104}},
             "networks":{"eth0":{"rx_bytes":200,"tx_bytes":7},"eth1":{"rx_bytes":5,"tx_bytes":0}}}
            """
        )
        #expect(found == ContainerUsage(cpuNanoseconds: 38_961_181, memory: 617_504, received: 205, sent: 7))
    }

    @Test func `For version 2 the cache is subtracted by its own name`() throws {
        let found = try usage(
            """
            {"cpu_stats":{"cpu_usage":{"total_usage":1}},"memory_stats":{"usage":1000,"stats":{"inactive_file":400}}}
            """
        )
        #expect(found == ContainerUsage(cpuNanoseconds: 1, memory: 600, received: 0, sent: 0))
    }

    @Test func `A container that is not running has no usage`() throws {
        let found = try usage(#"{"cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}"#)
        #expect(found == ContainerUsage(cpuNanoseconds: 0, memory: 0, received: 0, sent: 0))
    }

    @Test func `A cache larger than the total is not subtracted`() throws {
        let found = try usage(
            #"{"cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{"usage":5,"stats":{"inactive_file":6}}}"#
        )
        #expect(found.memory == 5)
    }

    @Test(arguments: ["{}", #"{"cpu_stats":{}}"#, #"{"cpu_stats":{"cpu_usage":{"total_usage":-1}},"memory_stats":{}}"#])
    func `Invalid usage data is refused`(_ json: String) {
        #expect(throws: (any Error).self) { try usage(json) }
    }
}

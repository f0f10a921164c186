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
        #expect(found.cpuPercent == nil)
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

    @Test func `The sample of a container that does not run has no time`() throws {
        let found = try usage(
            #"{"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}"#
        )
        #expect(found.time == nil)
    }

    private func percent(cpu: UInt64, system: String, earlier: String) throws -> Double? {
        try usage(
            """
            {"read":"2026-11-23T14:13:00.5Z","memory_stats":{},"precpu_stats":\(earlier),
             "cpu_stats":{"cpu_usage":{"total_usage":\(cpu)},"system_cpu_usage":\(system),"online_cpus":4}}
            """
        ).cpuPercent
    }

    @Test func `The use of processors is in percent of one, since the sample before`() throws {
        // One second, in which the host had 4 s of CPU time.
        let earlier = #"{"cpu_usage":{"total_usage":1000000000},"system_cpu_usage":100000000000}"#
        #expect(try percent(cpu: 1_250_000_000, system: "104000000000", earlier: earlier) == 25)
        #expect(try percent(cpu: 3_000_000_000, system: "104000000000", earlier: earlier) == 200)
        #expect(try percent(cpu: 1_000_000_000, system: "104000000000", earlier: earlier) == 0)
        // More than there is, which only an engine that miscounts reports.
        #expect(try percent(cpu: 99_000_000_000, system: "104000000000", earlier: earlier) == 400)
    }

    @Test func `Without two samples of the same start there is no use of processors`() throws {
        let earlier = #"{"cpu_usage":{"total_usage":1000},"system_cpu_usage":2000}"#
        #expect(try percent(cpu: 900, system: "3000", earlier: earlier) == nil)
        #expect(try percent(cpu: 2000, system: "2000", earlier: earlier) == nil)
        #expect(try percent(cpu: 2000, system: "null", earlier: earlier) == nil)
        #expect(try percent(cpu: 2000, system: "3000", earlier: #"{"cpu_usage":{"total_usage":0}}"#) == nil)
        #expect(try percent(cpu: 2000, system: "3000", earlier: "null") == nil)
    }

    @Test(arguments: [("Read", "Write"), ("read", "write")])
    func `Traffic with block devices is added up, and the limits are read`(read: String, write: String) throws {
        let found = try usage(
            """
            {"cpu_stats":{"cpu_usage":{"total_usage":1}},"memory_stats":{"usage":5,"limit":1000},
             "pids_stats":{"current":3,"limit":18446744073709551615},"blkio_stats":{"io_service_bytes_recursive":[
             {"major":8,"minor":0,"op":"\(read)","value":7},{"major":8,"minor":0,"op":"\(write)","value":2},
             {"major":8,"minor":16,"op":"\(read)","value":1},{"major":8,"minor":0,"op":"Total","value":9}]}}
            """
        )
        #expect((found.blocksRead, found.blocksWritten) == (8, 2))
        #expect(found.memoryLimit == 1000)
        #expect(found.pids == 3)
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

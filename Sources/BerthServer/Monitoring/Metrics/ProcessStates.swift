import Berth
import FoundationEssentials
import Glibc

/// Metrics of this process from the kernel, under the names that all Prometheus client libraries use.
enum ProcessStates {
    /// Omits values that cannot be read.
    static var all: [MetricState] {
        var states: [MetricState] = []
        if let status = Status() {
            states += [
                MetricState(name: "process_cpu_seconds_total", value: status.cpuSeconds),
                MetricState(name: "process_resident_memory_bytes", value: status.residentBytes),
                MetricState(name: "process_virtual_memory_bytes", value: status.virtualBytes),
                MetricState(name: "process_start_time_seconds", value: status.startTime),
            ]
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            // Without the descriptor that was open for counting.
            states.append(MetricState(name: "process_open_fds", value: Double(open - 1)))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            states.append(MetricState(name: "process_max_fds", value: Double(limit.rlim_cur)))
        }
        return states
    }

    /// `/proc/self/stat`; source: proc(5).
    private struct Status {
        let cpuSeconds: Double
        let virtualBytes: Double
        let residentBytes: Double
        /// In seconds since 1970.
        let startTime: Double

        init?() {
            guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
                let nameEnd = text.lastIndex(of: ")")
            else { return nil }
            // The third field follows the name, which may contain any character.
            let fields = text[nameEnd...].split(separator: " ").dropFirst().map { Double($0) ?? 0 }
            guard fields.count > 21 else { return nil }
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            cpuSeconds = (fields[11] + fields[12]) / ticks
            virtualBytes = fields[20]
            residentBytes = fields[21] * Double(sysconf(Int32(_SC_PAGESIZE)))
            startTime = Self.bootTime + fields[19] / ticks
        }

        /// Computed from the clocks once: setting the clock later does not change the start time of this process.
        private static let bootTime: Double = {
            let text = (try? String(contentsOfFile: "/proc/uptime", encoding: .utf8)) ?? ""
            return Double(Timestamp.now().milliseconds) / 1000
                - (text.split(separator: " ").first.flatMap { Double($0) } ?? 0)
        }()
    }
}

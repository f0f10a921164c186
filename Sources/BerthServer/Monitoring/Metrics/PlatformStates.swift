import Berth
import BerthAPI

/// Metrics of the server's present state, read at each request for the metrics.
struct PlatformStates: Sendable {
    let platform: Platform

    var all: [MetricState] {
        general + runs + platform.hosts.all.flatMap(states(of:)) + store + usage + ProcessStates.all
    }

    private var general: [MetricState] {
        let followed = platform.logs.followed
        return [
            MetricState(name: "berth_build_info", labels: [("version", Version.current)], value: 1),
            MetricState(name: "berth_log_followers", value: Double(followed.readers)),
            MetricState(name: "berth_logs_followed", value: Double(followed.containers)),
            MetricState(name: "berth_exec_sessions", value: Double(platform.execs.sessions.count)),
        ]
    }

    private var runs: [MetricState] {
        let (states, running) = platform.runs.census()
        let byState = RunState.allCases.map { state in
            MetricState(name: "berth_runs", labels: [("state", state.rawValue)], value: Double(states[state] ?? 0))
        }
        // The same limit on app names as in the other metrics.
        let apps = running.sorted { $0.value > $1.value }
        let byApp = apps.prefix(1000).map { app, count in
            MetricState(name: "berth_app_runs_running", labels: [("app", "\(app)")], value: Double(count))
        }
        let others = apps.dropFirst(1000).reduce(0) { $0 + $1.value }
        guard others > 0 else { return byState + byApp }
        return byState + byApp
            + [MetricState(name: "berth_app_runs_running", labels: [("app", "other")], value: Double(others))]
    }

    private func states(of host: HostConnection) -> [MetricState] {
        let (status, name) = (host.status, host.name.description)
        let (calls, streams) = host.connectionsInUse
        func state(_ metric: String, _ value: Double, _ more: [(String, String)] = []) -> MetricState {
            MetricState(name: metric, labels: [("host", name)] + more, value: value)
        }
        var states = HostState.Kind.allCases.map {
            state("berth_host_state", $0 == status.state.kind ? 1 : 0, [("state", $0.rawValue)])
        }
        if let time = status.connectedAt {
            states.append(state("berth_host_connected_timestamp_seconds", time.seconds))
        }
        states += [
            state("berth_host_connections_in_use", Double(calls), [("use", "call")]),
            state("berth_host_connections_in_use", Double(streams), [("use", "stream")]),
        ]
        if let latency = status.latency { states.append(state("berth_host_latency_seconds", latency / .seconds(1))) }
        if let skew = status.facts?.clockSkew {
            states.append(state("berth_host_clock_skew_seconds", skew / .seconds(1)))
        }
        if let time = status.mirror.lastEventAt {
            states.append(state("berth_mirror_last_event_timestamp_seconds", time.seconds))
        }
        return states + [
            state("berth_mirror_events_total", Double(status.mirror.events)),
            state("berth_mirror_lists_total", Double(status.mirror.lists)),
            state("berth_mirror_corrections_total", Double(status.mirror.corrections)),
            state("berth_mirror_dirty_runs", Double(host.reconcileQueueLength)),
        ]
    }

    private var usage: [MetricState] {
        guard let usage = platform.usage else { return [] }
        let samples = usage.samples
        // The same limit on app names as in the other metrics; the apps that use most.
        let apps = usage.totals.sorted { $0.value.cpuSeconds > $1.value.cpuSeconds }.prefix(1000)
        let states = apps.flatMap { app, totals in
            [
                ("berth_app_cpu_seconds_total", totals.cpuSeconds), ("berth_app_memory_bytes", Double(totals.memory)),
                ("berth_app_network_received_bytes_total", Double(totals.received)),
                ("berth_app_network_sent_bytes_total", Double(totals.sent)),
            ].map { MetricState(name: $0, labels: [("app", "\(app)")], value: $1) }
        }
        return states + [
            MetricState(name: "berth_container_samples_total", value: Double(samples.successes)),
            MetricState(name: "berth_container_sample_errors_total", value: Double(samples.failures)),
        ]
    }

    private var store: [MetricState] {
        StoreLoad.Use.allCases.flatMap { use in
            let (waiting, running) = platform.store.load.count(use)
            return [("waiting", waiting), ("running", running)].map { state, count in
                MetricState(
                    name: "berth_store_transactions",
                    labels: [("use", use.rawValue), ("state", state)],
                    value: Double(count)
                )
            }
        }
    }
}

extension Timestamp {
    fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}

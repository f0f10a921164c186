extension MetricDefinition {
    /// Every metric, in the order of the output.
    static let all: [MetricDefinition] = http + runs + engines + hosts + mirror + store + traces + containers + process

    private static let http: [MetricDefinition] = [
        gauge("berth_build_info", by: ["version"], "1, with the version of berth."),
        counter("berth_http_requests_total", by: ["method", "route", "status"], "Requests that were answered."),
        histogram(
            "berth_http_request_duration_seconds",
            [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
            ["method", "route", "status"],
            "From a request's head to its answer's; of event streams to their beginning."
        ),
        gauge("berth_http_requests_in_flight", "Requests that are not answered yet."),
        gauge("berth_http_connections", "Open connections of clients."),
        counter("berth_http_received_bytes_total", "Bytes of the requests' bodies."),
        counter("berth_http_sent_bytes_total", "Bytes of the answers' bodies, event streams included."),
        gauge("berth_event_streams", "Clients that follow the events."),
        counter(
            "berth_event_streams_lagged_total",
            "Event streams that were ended because their client read too slowly."
        ),
    ]

    private static let runs: [MetricDefinition] = [
        gauge("berth_runs", by: ["state"], "Runs by their state."),
        gauge("berth_app_runs_running", by: ["app"], "Runs of an app that run or are about to."),
        counter("berth_runs_started_total", by: ["app"], "Runs whose container was started."),
        counter("berth_runs_finished_total", by: ["app", "reason"], "Runs that had started and ended, by how."),
        counter(
            "berth_runs_failed_total",
            by: ["app", "reason"],
            "Runs whose container could not be started, by why."
        ),
        counter(
            "berth_run_restarts_total",
            by: ["app"],
            "Containers that were started again, by their policy or by hand."
        ),
        histogram(
            "berth_run_phase_duration_seconds",
            [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
            ["phase"],
            "Of each step of a run's start that succeeded."
        ),
    ]

    private static let engines: [MetricDefinition] = [
        histogram(
            "berth_engine_call_duration_seconds",
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            ["host", "operation"],
            "Calls of a host's engine from here to there and back; of streams to their beginning."
        ),
        counter(
            "berth_engine_call_errors_total",
            by: ["host", "operation", "reason"],
            "Calls that failed or were refused."
        ),
    ]

    private static let hosts: [MetricDefinition] = [
        gauge("berth_host_state", by: ["host", "state"], "1 for the state that the host is in, 0 for the others."),
        counter("berth_host_connects_total", by: ["host"], "Connections that came about."),
        counter(
            "berth_host_connection_failures_total",
            by: ["host", "reason"],
            "Connections that broke or did not come about."
        ),
        gauge(
            "berth_host_connected_timestamp_seconds",
            by: ["host"],
            "Since when the host is connected; absent while not."
        ),
        gauge(
            "berth_host_connections_in_use",
            by: ["host", "use"],
            "Connections to the engine; over SSH, channels in use."
        ),
        gauge("berth_host_latency_seconds", by: ["host"], "Of the last ping of the engine."),
        gauge("berth_host_clock_skew_seconds", by: ["host"], "How far the engine's clock is ahead of this server's."),
    ]

    private static let mirror: [MetricDefinition] = [
        counter("berth_mirror_events_total", by: ["host"], "Events of this server's containers."),
        histogram(
            "berth_mirror_event_lag_seconds",
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            ["host"],
            "From the engine's time of an event until it is in memory, without the difference of the clocks."
        ),
        gauge("berth_mirror_last_event_timestamp_seconds", by: ["host"], "Of the last event, by the engine's clock."),
        counter("berth_mirror_lists_total", by: ["host"], "Comparisons with the engine's full list."),
        counter(
            "berth_mirror_corrections_total",
            by: ["host"],
            "Runs that a full list showed otherwise than the events had."
        ),
        gauge("berth_mirror_dirty_runs", by: ["host"], "Runs that are marked to be looked at again."),
    ]

    private static let store: [MetricDefinition] = [
        histogram(
            "berth_store_transaction_duration_seconds",
            [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
            ["statement", "use"],
            "Transactions of the database, from the call to the return."
        ),
        histogram(
            "berth_store_wait_duration_seconds",
            [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
            ["use"],
            "From the call until a transaction had its connection."
        ),
        gauge(
            "berth_store_transactions",
            by: ["use", "state"],
            "Transactions that wait for a connection, and that have one."
        ),
        counter(
            "berth_store_errors_total",
            by: ["statement", "reason"],
            "Transactions that the database did not carry out."
        ),
        counter("berth_store_retries_total", by: ["statement"], "Transactions that were carried out once more."),
    ]

    private static let traces: [MetricDefinition] = [
        counter("berth_trace_spans_exported_total", "Spans that the collector has taken."),
        counter("berth_trace_spans_dropped_total", by: ["reason"], "Spans that were not brought to the collector."),
    ]

    private static let containers: [MetricDefinition] = [
        counter("berth_app_cpu_seconds_total", by: ["app"], "CPU time of an app's containers."),
        gauge("berth_app_memory_bytes", by: ["app"], "Memory of an app's containers, without the page cache."),
        counter("berth_app_network_received_bytes_total", by: ["app"], "Bytes that an app's containers received."),
        counter("berth_app_network_sent_bytes_total", by: ["app"], "Bytes that an app's containers sent."),
        counter("berth_container_samples_total", "Containers that were asked how much they use."),
        counter("berth_container_sample_errors_total", "Containers whose usage could not be read."),
    ]

    private static let process: [MetricDefinition] = [
        counter("process_cpu_seconds_total", "CPU time of this process, user and system."),
        gauge("process_resident_memory_bytes", "Resident memory of this process."),
        gauge("process_virtual_memory_bytes", "Virtual memory of this process."),
        gauge("process_open_fds", "Open file descriptors of this process."),
        gauge("process_max_fds", "How many file descriptors this process may open."),
        gauge("process_start_time_seconds", "When this process was started."),
    ]

    private static func counter(_ name: String, by labels: [String] = [], _ help: String) -> MetricDefinition {
        MetricDefinition(name: name, kind: .counter, labels: labels, help: help)
    }

    private static func gauge(_ name: String, by labels: [String] = [], _ help: String) -> MetricDefinition {
        MetricDefinition(name: name, kind: .gauge, labels: labels, help: help)
    }

    private static func histogram(
        _ name: String,
        _ bounds: [Double],
        _ labels: [String],
        _ help: String
    ) -> MetricDefinition {
        MetricDefinition(name: name, kind: .histogram(bounds), labels: labels, help: help)
    }
}

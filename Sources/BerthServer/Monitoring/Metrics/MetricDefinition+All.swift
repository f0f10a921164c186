extension MetricDefinition {
    /// Every metric, in the order of the output.
    static let all: [MetricDefinition] = http + runs + engines + hosts + mirror + store + traces + containers + process

    private static let http: [MetricDefinition] = [
        gauge("berth_build_info", by: ["version"], "Always 1. The label is the version of Berth."),
        counter("berth_http_requests_total", by: ["method", "route", "status"], "Requests that were answered."),
        histogram(
            "berth_http_request_duration_seconds",
            [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
            ["method", "route", "status"],
            "Time from the head of a request to the head of its response."
        ),
        gauge("berth_http_requests_in_flight", "Requests that have not been answered yet."),
        gauge("berth_http_connections", "Open connections of clients."),
        counter("berth_http_received_bytes_total", "Bytes received in the bodies of requests."),
        counter("berth_http_sent_bytes_total", "Bytes sent in the bodies of responses, including event streams."),
        gauge("berth_event_streams", "Open event streams."),
        gauge(
            "berth_log_followers",
            "Clients that follow logs. One that follows an app counts once for each of its runs."
        ),
        gauge("berth_logs_followed", "Containers whose logs are followed, each with one stream from its engine."),
        gauge("berth_exec_sessions", "Sessions of commands in containers that have not ended."),
        counter(
            "berth_event_streams_lagged_total",
            "Event streams that were closed because the client read too slowly."
        ),
    ]

    private static let runs: [MetricDefinition] = [
        gauge("berth_runs", by: ["state"], "Runs by state."),
        gauge("berth_app_runs_running", by: ["app"], "Runs of an app that are running or about to run."),
        counter("berth_runs_started_total", by: ["app"], "Runs whose container was started."),
        counter(
            "berth_runs_finished_total",
            by: ["app", "reason"],
            "Runs that were started and have finished, by reason."
        ),
        counter(
            "berth_runs_failed_total",
            by: ["app", "reason"],
            "Runs whose container could not be started, by reason."
        ),
        counter(
            "berth_run_restarts_total",
            by: ["app"],
            "Restarts of containers, by the restart policy or by a user."
        ),
        histogram(
            "berth_run_phase_duration_seconds",
            [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
            ["phase"],
            "Duration of each successful step of a run's start."
        ),
    ]

    private static let engines: [MetricDefinition] = [
        histogram(
            "berth_engine_call_duration_seconds",
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            ["host", "operation"],
            "Duration of calls of a host's engine, including the connection; of streams, until they begin."
        ),
        counter(
            "berth_engine_call_errors_total",
            by: ["host", "operation", "reason"],
            "Calls of a host's engine that failed or were rejected."
        ),
    ]

    private static let hosts: [MetricDefinition] = [
        gauge("berth_host_state", by: ["host", "state"], "1 for the current state of the host, 0 for the others."),
        counter("berth_host_connects_total", by: ["host"], "Connections that were established."),
        counter(
            "berth_host_connection_failures_total",
            by: ["host", "reason"],
            "Connections that were lost or could not be established."
        ),
        gauge(
            "berth_host_connected_timestamp_seconds",
            by: ["host"],
            "Time at which the host was connected; absent while it is not connected."
        ),
        gauge(
            "berth_host_connections_in_use",
            by: ["host", "use"],
            "Connections to the engine that are in use; over SSH, the channels."
        ),
        gauge("berth_host_latency_seconds", by: ["host"], "Duration of the last ping of the engine."),
        gauge("berth_host_clock_skew_seconds", by: ["host"], "How far the engine's clock is ahead of this server's."),
    ]

    private static let mirror: [MetricDefinition] = [
        counter("berth_mirror_events_total", by: ["host"], "Engine events about this server's containers."),
        histogram(
            "berth_mirror_event_lag_seconds",
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            ["host"],
            "Time from an event on the engine until it is in memory, corrected for the difference of the clocks."
        ),
        gauge(
            "berth_mirror_last_event_timestamp_seconds",
            by: ["host"],
            "Time of the last event, by the engine's clock."
        ),
        counter("berth_mirror_lists_total", by: ["host"], "Comparisons with the engine's full list of containers."),
        counter(
            "berth_mirror_corrections_total",
            by: ["host"],
            "Runs that a full list showed differently from the events."
        ),
        gauge("berth_mirror_dirty_runs", by: ["host"], "Runs that are queued to be compared with their container."),
    ]

    private static let store: [MetricDefinition] = [
        histogram(
            "berth_store_transaction_duration_seconds",
            [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
            ["statement", "use"],
            "Duration of database transactions, including the wait for a connection."
        ),
        histogram(
            "berth_store_wait_duration_seconds",
            [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
            ["use"],
            "Time that database transactions waited for a connection."
        ),
        gauge(
            "berth_store_transactions",
            by: ["use", "state"],
            "Database transactions that are waiting for a connection or running."
        ),
        counter(
            "berth_store_errors_total",
            by: ["statement", "reason"],
            "Database transactions that failed."
        ),
        counter("berth_store_retries_total", by: ["statement"], "Retries of database transactions."),
        counter(
            "berth_audit_failures_total",
            "Requests that were answered before their row of the audit log was stored."
        ),
    ]

    private static let traces: [MetricDefinition] = [
        counter("berth_trace_spans_exported_total", "Spans that the collector accepted."),
        counter("berth_trace_spans_dropped_total", by: ["reason"], "Spans that were not delivered to the collector."),
    ]

    private static let containers: [MetricDefinition] = [
        counter("berth_app_cpu_seconds_total", by: ["app"], "CPU time of an app's containers."),
        gauge("berth_app_memory_bytes", by: ["app"], "Memory of an app's containers, without the page cache."),
        counter("berth_app_network_received_bytes_total", by: ["app"], "Bytes that an app's containers received."),
        counter("berth_app_network_sent_bytes_total", by: ["app"], "Bytes that an app's containers sent."),
        counter("berth_container_samples_total", "Successful readings of a container's resource usage."),
        counter("berth_container_sample_errors_total", "Failed readings of a container's resource usage."),
    ]

    private static let process: [MetricDefinition] = [
        counter("process_cpu_seconds_total", "CPU time of this process, user and system."),
        gauge("process_resident_memory_bytes", "Resident memory of this process."),
        gauge("process_virtual_memory_bytes", "Virtual memory of this process."),
        gauge("process_open_fds", "Open file descriptors of this process."),
        gauge("process_max_fds", "Maximum number of open file descriptors of this process."),
        gauge("process_start_time_seconds", "Time at which this process was started."),
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

extension Endpoint<PolicyJSON> {
    package static let policy = Endpoint(
        "getPolicy",
        .get,
        "/v1/policy",
        "Returns the policy.",
        needs: .view,
        usesStore: false
    )
    package static let replacePolicy = Endpoint(
        "replacePolicy",
        .put,
        "/v1/policy",
        "Replaces the policy; later changes of apps and starts of runs must keep to it.",
        needs: .administer,
        body: .fields([
            "images", "max_memory_bytes", "max_cpus", "max_pids", "max_runs_per_app", "host_ports", "containers",
        ])
    )
}

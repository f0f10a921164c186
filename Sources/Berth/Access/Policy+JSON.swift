package import JSON

// A policy in the form of the API, which is also its form in the store.
extension Policy: JSONRepresentable {
    package var json: JSONValue {
        [
            "images": images.json, "max_memory_bytes": JSONValue(maxMemory), "max_cpus": maxCPUs.json,
            "max_pids": JSONValue(maxPIDs), "max_runs_per_app": JSONValue(maxRunsPerApp), "host_ports": hostPorts.json,
            "containers": containers.json,
        ]
    }

    /// Reads an object; a missing field is that of the default policy.
    ///
    /// - Throws: ``FieldErrors`` with all errors.
    package init(_ json: JSONValue) throws(FieldErrors) {
        var body = ObjectReader(json)
        try self.init(&body)
    }

    private init(_ body: inout ObjectReader) throws(FieldErrors) {
        self.init()
        images = body.optional("images", .list(of: .imagePattern, count: 0...100)) ?? images
        maxMemory = body.optional("max_memory_bytes", .memory)
        maxCPUs = body.optional("max_cpus", .cpus)
        maxPIDs = body.optional("max_pids", .pidsLimit)
        maxRunsPerApp = body.optional("max_runs_per_app", .integer(in: 0...1_000_000))
        hostPorts = body.optional("host_ports", .hostPorts) ?? hostPorts
        containers = body.optional("containers", .containerDefaults) ?? containers
        try body.finish()
    }

    package static let schema = ObjectReader.schema(title: "PolicyDefinition") { body in _ = try? Policy(&body) }
}

extension FieldDecoder where Value == Int {
    /// A number of processes and threads.
    static var pidsLimit: FieldDecoder { .integer(in: 1...4_194_304) }
}

extension FieldDecoder where Value == Int64 {
    /// The memory of a container.
    static var memory: FieldDecoder { .bytes(in: 6 << 20...1 << 50) }
}

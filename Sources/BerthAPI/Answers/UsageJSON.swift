package import JSON

/// What a run's container uses at one moment.
package struct UsageJSON: JSONRecord {
    /// By the engine's clock.
    package var time = ""
    /// 100 for each processor in full use; nil if the engine has not measured twice.
    package var cpuPercent: Double?
    /// Without the page cache.
    package var memoryBytes: Int64 = 0
    /// The memory of the host, if the run has no limit.
    package var memoryLimitBytes: Int64?
    package var network = NetworkUsageJSON()
    package var block = BlockUsageJSON()
    /// Nil if the host does not count them.
    package var pids: Int64?

    package init() {}

    package static let fields: [JSONField<UsageJSON>] = [
        .init("time", \.time, .time),
        .init("cpu_percent", \.cpuPercent, .number(in: 0 ... .greatestFiniteMagnitude)),
        .init("memory_bytes", \.memoryBytes, .size),
        .init("memory_limit_bytes", \.memoryLimitBytes, .size),
        .init("network", \.network, NetworkUsageJSON.decoder),
        .init("block", \.block, BlockUsageJSON.decoder),
        .init("pids", \.pids, .size),
    ]
}

/// Traffic on all networks since the container's start.
package struct NetworkUsageJSON: JSONRecord {
    package var receivedBytes: Int64 = 0
    package var sentBytes: Int64 = 0

    package init() {}

    package static let fields: [JSONField<NetworkUsageJSON>] = [
        .init("received_bytes", \.receivedBytes, .size),
        .init("sent_bytes", \.sentBytes, .size),
    ]
}

/// Traffic with block devices since the container's start.
package struct BlockUsageJSON: JSONRecord {
    package var readBytes: Int64 = 0
    package var writtenBytes: Int64 = 0

    package init() {}

    package static let fields: [JSONField<BlockUsageJSON>] = [
        .init("read_bytes", \.readBytes, .size),
        .init("written_bytes", \.writtenBytes, .size),
    ]
}

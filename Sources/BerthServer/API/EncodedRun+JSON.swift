import Berth
import BerthAPI
import JSON
import NIOCore

extension EncodedRun.Forms {
    /// The JSON of the run in both forms; the full form ends before ``RunView/isStale``.
    @Sendable static func json(of run: Run) -> Self {
        Self(full: Array(RunJSON(run).lastingJSON.encoded().dropLast()), short: ContainerJSON(run).json.encoded())
    }
}

extension ByteBuffer {
    /// Writes the run in the form of `/v1/runs/{run}`.
    mutating func write(_ run: RunView) {
        writeBytes(run.encoded.full)
        if let time = run.observedAt {
            writeStaticString(#","observed_at":""#)
            writeBytes(time.rfc3339)
            writeStaticString(run.isStale ? #"","stale":true}"# : #"","stale":false}"#)
        } else {
            writeStaticString(#","observed_at":null"#)
            writeStaticString(run.isStale ? #","stale":true}"# : #","stale":false}"#)
        }
    }

    /// Writes what `writeItem` writes for each of `items`, with commas between them.
    mutating func write<Item>(_ items: [Item], _ writeItem: (inout ByteBuffer, Item) -> Void) {
        var isFirst = true
        for item in items {
            if !isFirst { writeInteger(UInt8(ascii: ",")) }
            writeItem(&self, item)
            isFirst = false
        }
    }
}

import BerthAPI
import JSON
import Tracing

/// Spans in the format of a collector.
///
/// Source: OpenTelemetry's `ExportTraceServiceRequest` in its JSON form, in which ids are hexadecimal and 64-bit
/// numbers are strings.
struct OTLPTraces {
    let json: JSONValue

    init(_ spans: some Collection<FinishedSpan>, instance: String) {
        json = [
            "resourceSpans": [
                [
                    "resource": [
                        "attributes": [
                            Self.attribute("service.name", .string("berth")),
                            Self.attribute("service.version", .string(Version.current)),
                            Self.attribute("service.instance.id", .string(instance)),
                        ]
                    ],
                    "scopeSpans": [
                        [
                            "scope": ["name": "berth", "version": .string(Version.current)],
                            "spans": .array(spans.map(Self.span)),
                        ]
                    ],
                ]
            ]
        ]
    }

    private static func span(_ span: FinishedSpan) -> JSONValue {
        var object = JSONObject()
        object.set("traceId", to: .string(span.identity.trace.text))
        object.set("spanId", to: .string(span.identity.span.hexadecimal))
        if let parent = span.parent { object.set("parentSpanId", to: .string(parent.hexadecimal)) }
        object.set("name", to: .string(span.name))
        object.set("kind", to: JSONValue(kind(span.kind)))
        object.set("startTimeUnixNano", to: .string("\(span.start)"))
        object.set("endTimeUnixNano", to: .string("\(span.end)"))
        object.set("attributes", to: .array(attributes(of: span)))
        if let error = span.error { object.set("status", to: ["code": 2, "message": .string(error)]) }
        return .object(object)
    }

    private static func attributes(of span: FinishedSpan) -> [JSONValue] {
        var attributes: [JSONValue] = []
        // Not a sequence, so it cannot be iterated by a loop.
        let add = { (name: String, value: SpanAttribute) in attributes.append(attribute(name, value)) }
        span.attributes.forEach(add)
        return attributes
    }

    private static func attribute(_ name: String, _ value: SpanAttribute) -> JSONValue {
        let value: JSONValue =
            switch value {
            case .int32(let number): ["intValue": .string("\(number)")]
            case .int64(let number): ["intValue": .string("\(number)")]
            case .bool(let isTrue): ["boolValue": .bool(isTrue)]
            case .string(let text): ["stringValue": .string(text)]
            default: ["stringValue": .string("\(value)")]
            }
        return ["key": .string(name), "value": value]
    }

    private static func kind(_ kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}

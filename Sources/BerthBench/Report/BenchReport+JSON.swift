package import JSON

extension BenchReport {
    /// The report for programs; `docs/performance.md` describes each field.
    package var json: JSONValue {
        var object = header.members
        object.set("raw_not_measured", to: JSONValue(rawNotMeasured))
        object.set("run", to: ["berth": run.berth.json, "raw": run.raw.json, "ratio": run.ratio.json])
        object.set("layers", to: layers.json)
        object.set("ends", to: ends.json)
        object.set("lists", to: lists.json)
        return .object(object)
    }
}

extension BenchReport.Header {
    fileprivate var members: JSONObject {
        [
            "server": .string(server),
            "berth_version": .string(version),
            "host": .string(host),
            "endpoint": .string(endpoint),
            "engine_version": .string(engineVersion),
            "image": .string(image),
            "command": JSONValue(command),
            "runs": JSONValue(runs),
        ]
    }
}

extension BenchReport.Ends: JSONRepresentable {
    package var json: JSONValue {
        [
            "count": JSONValue(count),
            "not_told": JSONValue(notReported),
            "limit_ms": Rounds.endLimit.json,
            "after_engine": after.json,
        ]
    }
}

extension Layers: JSONRepresentable {
    package var json: JSONValue {
        var object = JSONObject()
        for layer in layers {
            guard case .object(var times) = layer.times.json else { continue }
            times.set("share_percent", to: number(layer.percent, digits: 2))
            object.set(layer.name.rawValue, to: .object(times))
        }
        object.set("server_total", to: total.json)
        return .object(object)
    }
}

extension Lists {
    fileprivate var json: JSONValue {
        [
            "healthz": healthz.json,
            "runs": runs.json,
            "raw": raw.json,
            "ratio": raw.flatMap { Load.ratio(of: runs, to: $0) }.json,
            "ratio_to_healthz": Load.ratio(of: runs, to: healthz).json,
        ]
    }
}

extension Load: JSONRepresentable {
    package var json: JSONValue {
        guard case .object(var object) = Quantiles(times).json else { return .null }
        object.set("requests_per_second", to: number(median(rates), digits: 1))
        if let items { object.set("items", to: JSONValue(items)) }
        return .object(object)
    }
}

extension Quantiles: JSONRepresentable {
    package var json: JSONValue {
        [
            "count": JSONValue(count),
            "mean_ms": mean.json,
            "min_ms": minimum.json,
            "p50_ms": p50.json,
            "p95_ms": p95.json,
            "p99_ms": p99.json,
            "max_ms": maximum.json,
        ]
    }
}

extension Ratio: JSONRepresentable {
    package var json: JSONValue {
        ["value": number(value, digits: 3), "low": number(low, digits: 3), "high": number(high, digits: 3)]
    }
}

extension Duration {
    /// In milliseconds.
    fileprivate var json: JSONValue { number(milliseconds, digits: 3) }
}

/// Rounded to the precision of the measurement.
private func number(_ value: Double, digits: Int) -> JSONValue {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    return JSONNumber((value * scale).rounded() / scale).map { .number($0) } ?? .null
}

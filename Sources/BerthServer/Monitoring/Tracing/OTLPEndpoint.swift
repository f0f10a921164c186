import FoundationEssentials

/// The destination of spans: `http://` or `https://`, a host, an optional port, and the path before `/v1/traces`.
package struct OTLPEndpoint: Sendable, CustomStringConvertible {
    let url: String

    package var description: String { url }

    init(_ text: String) throws(SettingsError) {
        guard let parts = URL(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host(), !host.isEmpty, parts.user() == nil, parts.query() == nil, parts.fragment() == nil
        else {
            throw SettingsError(
                "--otlp-endpoint must be the URL of an OpenTelemetry collector's HTTP receiver, such as "
                    + "http://127.0.0.1:4318"
            )
        }
        let base = text.hasSuffix("/") ? String(text.dropLast()) : text
        url = base.hasSuffix("/v1/traces") ? base : base + "/v1/traces"
    }
}

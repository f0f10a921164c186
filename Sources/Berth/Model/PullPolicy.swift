package import JSON

/// When the image of a run is pulled.
package enum PullPolicy: String, Sendable, CaseIterable, JSONRepresentable {
    /// If the host does not have it.
    case missing
    /// Before each run, so that changes of a tag take effect.
    case always

    package var json: JSONValue { .string(rawValue) }
}

extension FieldDecoder where Value == PullPolicy {
    package static var pull: FieldDecoder {
        FieldDecoder<String>.choice(of: PullPolicy.allCases.map(\.rawValue)).map {
            PullPolicy(rawValue: $0) ?? .missing
        }
    }
}

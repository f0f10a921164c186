package import JSON

/// When a run's image is fetched.
package enum PullPolicy: String, Sendable, CaseIterable, JSONRepresentable {
    /// Where the host does not have it.
    case missing
    /// Before each run, so that a tag that has moved is followed.
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

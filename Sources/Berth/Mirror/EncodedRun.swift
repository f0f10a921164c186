import Synchronization

/// A run in the forms in which clients read it: encoded when somebody reads it, at most once for each change of it.
///
/// Where it is read, its bytes are copied. What they mean is not this target's to know.
package final class EncodedRun: Sendable {
    package struct Forms: Sendable {
        /// Open at its end: when the run was last seen, and whether its host is away, change without the run.
        package let full: [UInt8]
        package let short: [UInt8]

        package init(full: [UInt8], short: [UInt8]) {
            self.full = full
            self.short = short
        }
    }

    package typealias Encoder = @Sendable (Run) -> Forms

    /// On the heap, so that a run is not kept beside its bytes.
    private indirect enum State {
        case run(Run, Encoder)
        case forms(Forms)
    }

    private let state: Mutex<State>

    package init(_ run: Run, encode: @escaping Encoder) { state = Mutex(.run(run, encode)) }

    package var full: [UInt8] { forms.full }
    package var short: [UInt8] { forms.short }

    private var forms: Forms {
        state.withLock { state in
            switch state {
            case .forms(let forms): return forms
            case .run(let run, let encode):
                let forms = encode(run)
                state = .forms(forms)
                return forms
            }
        }
    }
}

/// A run as clients see it: what is known, and how sure that is.
package struct RunView: Sendable {
    package let encoded: EncodedRun
    /// When its engine last reported its state; nil where it has not yet.
    package let observedAt: Timestamp?
    /// Whether its host is away, so that its state may be another by now.
    package let isStale: Bool

    init(_ encoded: EncodedRun, observedAt: Timestamp?, isStale: Bool) {
        self.encoded = encoded
        self.observedAt = observedAt
        self.isStale = isStale
    }

    /// A run whose record is gone, as it was.
    package init(gone encoded: EncodedRun) { self.init(encoded, observedAt: nil, isStale: false) }
}

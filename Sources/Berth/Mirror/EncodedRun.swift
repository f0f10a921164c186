import Synchronization

/// A run in the forms that clients read.
///
/// It is encoded on the first read, at most once per change.
///
/// Reads copy the bytes. This target does not know the format.
package final class EncodedRun: Sendable {
    package struct Forms: Sendable {
        /// Without the closing part: the time of the last report and the staleness change independently of the run.
        package let full: [UInt8]
        package let short: [UInt8]

        package init(full: [UInt8], short: [UInt8]) {
            self.full = full
            self.short = short
        }
    }

    package typealias Encoder = @Sendable (Run) -> Forms

    /// Indirect, so that the run is released once its bytes exist.
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

/// A run as clients see it: its known state, and how current that is.
package struct RunView: Sendable {
    package let encoded: EncodedRun
    /// When its engine last reported its state; nil if it never has.
    package let observedAt: Timestamp?
    /// Whether its host is disconnected, so that its state may have changed.
    package let isStale: Bool

    init(_ encoded: EncodedRun, observedAt: Timestamp?, isStale: Bool) {
        self.encoded = encoded
        self.observedAt = observedAt
        self.isStale = isStale
    }

    /// The last state of a run whose record was deleted.
    package init(gone encoded: EncodedRun) { self.init(encoded, observedAt: nil, isStale: false) }
}

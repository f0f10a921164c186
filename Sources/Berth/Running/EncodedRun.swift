/// A run in the forms in which clients read it, made once for each change of it.
///
/// Where it is read, it is copied. What is in these bytes is not this target's to know.
package final class EncodedRun: Sendable {
    /// Open at its end: when the run was last seen, and whether its host is away, change without the run.
    package let full: [UInt8]
    package let short: [UInt8]

    package init(full: [UInt8], short: [UInt8]) {
        self.full = full
        self.short = short
    }
}

/// Makes the document of a run.
package typealias RunEncoder = @Sendable (Run) -> EncodedRun

/// A run's document as it is shown: what is known, and how sure that is.
package struct RunView: Sendable {
    package let document: EncodedRun
    /// When its engine last said how it is; nil where it has not yet.
    package let observedAt: Timestamp?
    /// Whether its host is away, so that it may be otherwise by now.
    package let isStale: Bool

    init(document: EncodedRun, observedAt: Timestamp?, isStale: Bool) {
        self.document = document
        self.observedAt = observedAt
        self.isStale = isStale
    }

    /// A run whose record is gone, as it was.
    package init(gone document: EncodedRun) { self.init(document: document, observedAt: nil, isStale: false) }
}

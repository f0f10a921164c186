import BerthAPI

/// The results of a measurement.
package struct BenchReport: Sendable {
    package let header: Header
    package let run: Compared
    package let layers: Layers?
    /// Nil if there is no connection to the engine.
    package let ends: Ends?
    package let lists: Lists
    /// Why the engine's own figures are missing; nil if they are present.
    package let rawNotMeasured: String?

    /// The environment of the measurement.
    package struct Header: Sendable {
        package let server: String
        package let version: String
        package let host: String
        package let endpoint: String
        package let engineVersion: String
        package let image: String
        /// Nil for the image's own.
        package let command: [String]?
        package let runs: Int
    }

    /// Times of the same operation through Berth and through the engine's own API.
    package struct Compared: Sendable {
        package let berth: Quantiles?
        package let raw: Quantiles?
        package let ratio: Ratio?

        /// - Parameter raw: one for each of `berth`, or none.
        init(berth: [Duration], raw: [Duration]) {
            self.berth = Quantiles(berth)
            self.raw = Quantiles(raw)
            ratio = Ratio(berth.map(\.milliseconds), to: raw.map(\.milliseconds))
        }
    }

    /// How the server reported the ends that the engine had reported.
    package struct Ends: Sendable {
        /// The delay after the engine; nil if no end was reported.
        package let after: Quantiles?
        /// How many ends the engine reported.
        package let count: Int
        /// How many of these the server did not report.
        package let notReported: Int

        init(after: [Duration], notReported: Int) {
            self.after = Quantiles(after)
            count = after.count + notReported
            self.notReported = notReported
        }
    }
}

extension BenchReport {
    init(_ order: BenchOptions, _ site: BenchSite, _ rounds: [Round], _ lists: Lists) {
        self.init(
            header: Header(order, site),
            run: Compared(berth: rounds.map(\.berth.took), raw: rounds.compactMap(\.raw)),
            layers: Layers(rounds.map { ($0.berth.took, $0.berth.times) }),
            ends: site.refusal == nil ? Ends(rounds.compactMap(\.end)) : nil,
            lists: lists,
            rawNotMeasured: site.refusal
        )
    }
}

extension BenchReport.Header {
    init(_ order: BenchOptions, _ site: BenchSite) {
        self.init(
            server: "\(order.server)",
            version: site.version,
            host: site.host.name,
            endpoint: site.host.endpoint,
            engineVersion: site.host.engineVersion ?? "?",
            image: order.image,
            command: order.command,
            runs: order.runs
        )
    }
}

extension BenchReport.Ends {
    init(_ ends: [End]) {
        let after = ends.compactMap { if case .reported(let after) = $0 { after } else { nil } }
        self.init(after: after, notReported: ends.count { $0 == .notReported })
    }
}

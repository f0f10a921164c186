/// The names that distinguish the objects of one measurement from all others.
struct BenchNames: Sendable {
    static let label = "berth.bench"

    /// Six letters and digits, different for each measurement.
    let id: String

    init() {
        let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
        id = String((0..<6).compactMap { _ in alphabet.randomElement() })
    }

    var app: String { "bench-\(id)" }
    /// The label as a filter for the engine's lists.
    var filter: String { "\(Self.label)=\(id)" }

    func container(_ number: Int) -> String { "berth-bench-\(id)-\(number)" }
}

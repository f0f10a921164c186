/// The names that tell what one measurement has made from everything else.
struct Marks: Sendable {
    static let label = "berth.bench"

    /// Six letters and digits, other ones each time.
    let id: String

    init() {
        let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
        id = String((0..<6).compactMap { _ in alphabet.randomElement() })
    }

    var app: String { "bench-\(id)" }
    /// As filters of the engine's lists take it.
    var filter: String { "\(Self.label)=\(id)" }

    func container(_ number: Int) -> String { "berth-bench-\(id)-\(number)" }
}

/// Time limits in tests detect what never happens and promises that are broken, not a busy machine.
extension Duration {
    /// For a condition without a promised time: generous, and free of cost when the condition holds.
    package static let timeout: Duration = .seconds(60)

    /// The limit for what is promised within `time`: 8 s more, because other work may hold the processors.
    package static func promised(_ time: Duration) -> Duration { time + .seconds(8) }
}

/// Time limits in tests detect hangs and broken guarantees, not a busy machine.
extension Duration {
    /// For a condition without a guaranteed time: generous, and free of cost if the condition holds.
    package static let timeout: Duration = .seconds(60)

    /// The limit for a guarantee of `time`: 8 s more, because other work may use the processors.
    package static func promised(_ time: Duration) -> Duration { time + .seconds(8) }
}

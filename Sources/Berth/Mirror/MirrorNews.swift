/// What a ``HostMirror`` gets to know of its engine, beside the runs.
enum MirrorNews: Sendable {
    /// Memory is right for the first time.
    case isTrue
    /// How long the engine took to answer.
    case ping(Duration)
    /// It has answered something else a moment ago.
    case answered
    /// It is in memory now; the time is by the engine's clock.
    case event(at: Timestamp)
    /// Everything was compared, and so many runs were otherwise than events had told.
    case corrected(Int)
    case facts(EngineFacts)
}
